using System.Text;
using MemoryAspire.Bench.Bare;
using MemoryAspire.Bench.Load;
using Npgsql;

namespace MemoryAspire.Bench.Measures;

/// <summary>
/// Searches of one user's memories among everybody's, against what is the least they can take: hybrid against PostgreSQL's part of it
/// as bare SQL, semantic against a request that does nothing; and of everybody's, against the index alone.
/// </summary>
internal sealed class Searches(Workbench bench) : IMeasure
{
    private const int Everybody = 100_000;
    private const int OfUser = 1000;
    private const int Batch = 100;
    private const int Fillers = 8;
    private const int WideClients = 4;
    private const string User = "searched";

    private readonly Random _random = new(3001);
    private readonly List<(Latencies Hybrid, Latencies Words, Latencies Semantic, Latencies Nothing)> _scoped = [];
    private readonly List<(double Api, double Index)> _wide = [];
    private NpgsqlCommand? _words;
    private BareIndex? _index;

    public string Name => "search";

    public async Task<bool> PrepareAsync(CancellationToken cancellationToken)
    {
        var fillers = Enumerable.Range(0, Fillers).Select(filler => new RequestBody(bench.Bodies, new Random(filler))).ToArray();
        var filled = await Task.WhenAll(fillers.Select((body, filler) => FillAsync(body, filler == 0 ? OfUser : 0, (Everybody - OfUser) / Fillers, cancellationToken)));
        if (!filled.All(done => done))
        {
            bench.Report.Problem("Searches: a batch was not stored.");
            return false;
        }

        await bench.SettleAsync(cancellationToken);
        await using (var analyze = bench.Source.CreateCommand("analyze memories")) await analyze.ExecuteNonQueryAsync(cancellationToken);
        _index = new BareIndex(bench.Stack.Index.Address);
        _words = bench.Source.CreateCommand(
            """
            select id, ts_rank(content_search, q) from memories, to_tsquery('english', $2) q
            where tenant = 'default' and "user" = $1 and content_search @@ q order by 2 desc limit 10
            """);
        _words.Parameters.Add(new() { Value = User });
        _words.Parameters.Add(new() { Value = "" });
        await RoundAsync(0, cancellationToken);
        _scoped.Clear();
        _wide.Clear();
        return true;
    }

    /// <summary>The scoped ones take turns, so that whatever disturbs one disturbs the others.</summary>
    public async Task RoundAsync(int round, CancellationToken cancellationToken)
    {
        var (hybrid, words, semantic, nothing) = (new Latencies(), new Latencies(), new Latencies(), new Latencies());
        var begun = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(begun) < bench.Options.Round && !cancellationToken.IsCancellationRequested)
        {
            var query = Query();
            await TimeAsync(hybrid, () => SearchAsync("hybrid", query, User));
            await TimeAsync(words, () => ReadWordsAsync(query));
            await TimeAsync(semantic, () => SearchAsync("semantic", query, User));
            await TimeAsync(nothing, async () => await bench.Api.GetAsync(new Uri(bench.Stack.Api.Address, "/alive"), null));
        }

        _scoped.Add((hybrid, words, semantic, nothing));
        var randoms = Enumerable.Range(0, WideClients).Select(client => new Random(client)).ToArray();
        var api = await Clients.RunAsync(WideClients, bench.Options.Round, client => SearchWideAsync(randoms[client]), cancellationToken);
        var index = await Clients.RunAsync(WideClients, bench.Options.Round, async client => await _index!.SearchAsync(bench.Bodies.Vector(randoms[client]), 10) == 10, cancellationToken);
        if (api.Failed + index.Failed > 0) bench.Report.Problem($"Searches: {api.Failed} of the API and {index.Failed} of the index were not answered as they should be.");
        _wide.Add((api.PerSecond, index.PerSecond));
    }

    public void Conclude()
    {
        Row("hybrid search of 1,000 of a user, p50", "bare SQL of the words", one => one.Hybrid, one => one.Words, 1.5, 1.2);
        Row("semantic search of 1,000 of a user, p50", "a request that does nothing", one => one.Semantic, one => one.Nothing, 3, 2);
        var (api, index) = (Median.Of(_wide.Select(one => one.Api)), Median.Of(_wide.Select(one => one.Index)));
        bench.Report.Row("semantic search of everybody, 4 clients", $"{api:N0} /s", $"{index:N0} /s (the index alone)", $"{api / index:0.00}", $"{0.5}", $"{0.8}", api / index >= 0.5, api / index >= 0.8);
        bench.Report.Detail($"Searches: among {Everybody:N0} memories more than were there.");
    }

    public ValueTask DisposeAsync()
    {
        _index?.Dispose();
        return _words?.DisposeAsync() ?? ValueTask.CompletedTask;
    }

    private void Row(
        string title, string baseline, Func<(Latencies Hybrid, Latencies Words, Latencies Semantic, Latencies Nothing), Latencies> ours,
        Func<(Latencies Hybrid, Latencies Words, Latencies Semantic, Latencies Nothing), Latencies> bare, double must, double aim)
    {
        var (mine, theirs) = (Median.Of(_scoped.Select(one => ours(one).Quantile(0.5))), Median.Of(_scoped.Select(one => bare(one).Quantile(0.5))));
        var ratio = Median.Of(_scoped.Select(one => ours(one).Quantile(0.5) / bare(one).Quantile(0.5)));
        bench.Report.Row(title, $"{mine:0.00} ms", $"{theirs:0.00} ms ({baseline})", $"{ratio:0.00}", $"{must}", $"{aim}", ratio <= must, ratio <= aim);
    }

    private async Task<bool> FillAsync(RequestBody body, int ofUser, int others, CancellationToken cancellationToken)
    {
        for (var stored = 0; stored < ofUser + others; stored += Batch)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var answer = await bench.Api.CreateBatchAsync(body.Batch(Batch, stored < ofUser ? User : null));
            if ((int)answer.Status != 207) return false;
            bench.Acknowledged.Add(Batch, answer.Tiers);
        }

        return true;
    }

    /// <summary>A few words, as somebody might ask for.</summary>
    private string Query() => string.Join(' ', Encoding.ASCII.GetString(bench.Bodies.Content(_random)).Split(' ').Skip(1).Take(5));

    private async Task<bool> SearchAsync(string mode, string? query, string? user)
    {
        var scope = user is null ? "" : $$""","scope":{"user":"{{user}}"}""";
        var words = query is null ? "" : $"\"query\":\"{query}\",";
        var body = $$"""{{{words}}"mode":"{{mode}}","embedding":[{{Encoding.ASCII.GetString(bench.Bodies.Numbers(_random))}}]{{scope}}}""";
        return (int)(await bench.Api.SearchAsync(Encoding.ASCII.GetBytes(body))).Status == 200;
    }

    private async Task<bool> SearchWideAsync(Random random)
    {
        var body = $$"""{"mode":"semantic","embedding":[{{Encoding.ASCII.GetString(bench.Bodies.Numbers(random))}}]}""";
        return (int)(await bench.Api.SearchAsync(Encoding.ASCII.GetBytes(body))).Status == 200;
    }

    private async Task ReadWordsAsync(string query)
    {
        _words!.Parameters[1].Value = query.Replace(" ", " | ", StringComparison.Ordinal);
        await using var reader = await _words.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
        }
    }

    private async Task TimeAsync(Latencies latencies, Func<Task> act)
    {
        var at = TimeProvider.System.GetTimestamp();
        var acting = act();
        await acting;
        latencies.Add(TimeProvider.System.GetElapsedTime(at));
        if (acting is Task<bool> { Result: false }) bench.Report.Problem("Searches: one was not answered with 200.");
    }
}
