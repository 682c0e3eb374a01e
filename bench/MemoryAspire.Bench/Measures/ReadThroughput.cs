using MemoryAspire.Bench.Load;
using MemoryAspire.TestServices;
using StackExchange.Redis;

namespace MemoryAspire.Bench.Measures;

/// <summary>
/// Reads by id per second over HTTP, against an endpoint that only asks Redis for a value and sends its bytes: answered from
/// Redis (by an API that holds no memories itself) and from the API's own memory; and <c>session</c> with a token against
/// <c>eventual</c>.
/// </summary>
internal sealed class ReadThroughput(Workbench bench) : IMeasure
{
    private const int Memories = 2000;
    private const int Readers = 32;

    private readonly ServiceProcess _plain = new("memory-api-without-hot-memories", "MemoryAspire.Api");
    private readonly ServiceProcess _bare = new("bare-reader", "MemoryAspire.Bench.BareReader");
    private readonly List<Target> _memories = [];
    private readonly Random[] _random = [.. Enumerable.Range(0, Readers).Select(reader => new Random(reader))];
    private readonly List<Dictionary<string, double>> _rounds = [];
    private long _requests;
    private bool _isWarm;

    /// <summary>One memory at each place where it can be read.</summary>
    private sealed record Target(Uri Bare, Uri Session, Uri Eventual, Uri Hot, string Token);

    public string Name => "reads";

    public async Task<bool> PrepareAsync(CancellationToken cancellationToken)
    {
        foreach (var (name, value) in bench.Stack.Api.Settings) _plain.Settings[name] = value;
        _plain.Settings["HotMemories__BytesMax"] = "0";
        _bare.Settings["ConnectionStrings__redis"] = bench.Stack.Redis.ConnectionString;
        await Task.WhenAll(_plain.StartAsync(), _bare.StartAsync());

        await using var redis = await ConnectionMultiplexer.ConnectAsync(bench.Stack.Redis.ConnectionString);
        var body = new RequestBody(bench.Bodies, new Random(2002));
        while (_memories.Count < Memories)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var answer = await bench.Api.CreateAsync(body.Memory());
            if ((int)answer.Status != 201)
            {
                bench.Report.Problem($"Reads: a create was answered with {(int)answer.Status}.");
                return false;
            }

            bench.Acknowledged.Add(1, answer.Tiers);
            var key = answer.Location.Split('/')[^1];
            var (plain, hot) = (new Uri(_plain.Address, answer.Location), new Uri(bench.Stack.Api.Address, answer.Location));
            await redis.GetDatabase().StringSetAsync(key, await bench.Api.GetBodyAsync(hot), TimeSpan.FromHours(1));
            _memories.Add(new Target(new Uri(_bare.Address, key), new Uri(plain, "?consistency=session"), new Uri(plain, "?consistency=eventual"), new Uri(hot, "?consistency=session"), answer.Token));
        }

        await bench.SettleAsync(cancellationToken);

        // Two of the three processes are new: they are compiled meanwhile, the hot paths twice.
        var begun = TimeProvider.System.GetTimestamp();
        for (var warmUp = 0; _requests < 16 * BenchOptions.WarmUpRequests && TimeProvider.System.GetElapsedTime(begun) < 2 * BenchOptions.WarmUpMax; warmUp++)
        {
            await RoundAsync(warmUp, cancellationToken);
        }

        _rounds.Clear();
        _isWarm = true;
        return true;
    }

    public async Task RoundAsync(int round, CancellationToken cancellationToken)
    {
        (string Kind, Func<Target, (Uri, string?)> Of, string Source)[] kinds =
        [
            ("bare", memory => (memory.Bare, null), ""),
            ("session", memory => (memory.Session, memory.Token), "redis"),
            ("eventual", memory => (memory.Eventual, memory.Token), "redis"),
            ("hot", memory => (memory.Hot, memory.Token), "memory"),
        ];
        var perSecond = new Dictionary<string, double>();

        // Another one begins each time, so that what drifts favours none.
        for (var turn = 0; turn < kinds.Length; turn++)
        {
            var (kind, of, source) = kinds[(round + turn) % kinds.Length];
            perSecond[kind] = await ReadAsync(of, source, cancellationToken);
        }

        _rounds.Add(perSecond);
    }

    public void Conclude()
    {
        Row($"reads by id at session from Redis, {Readers} clients", "session", "bare", must: 0.8, aim: 1.0);
        Row($"reads by id at session from the API's own memory, {Readers} clients", "hot", "bare", must: 1.2, aim: 1.5);
        Row($"reads by id from Redis, session against eventual, {Readers} clients", "session", "eventual", must: 0.95, aim: 0.98);
    }

    public async ValueTask DisposeAsync()
    {
        await _plain.DisposeAsync();
        await _bare.DisposeAsync();
    }

    private void Row(string title, string ours, string baseline, double must, double aim)
    {
        var ratio = Median.Of(_rounds.Select(round => round[ours] / round[baseline]));
        bench.Report.Row(
            title, $"{Median.Of(_rounds.Select(round => round[ours])):N0}/s", $"{Median.Of(_rounds.Select(round => round[baseline])):N0}/s", $"{ratio:0.00} x", $"{must:0.00} x", $"{aim:0.00} x", ratio >= must, ratio >= aim);
    }

    private async Task<double> ReadAsync(Func<Target, (Uri, string?)> of, string source, CancellationToken cancellationToken)
    {
        long elsewhere = 0;
        var report = await Clients.RunAsync(
            Readers,
            bench.Options.Round,
            async reader =>
            {
                var (memory, token) = of(_memories[_random[reader].Next(_memories.Count)]);
                var answer = await bench.Api.GetAsync(memory, token);
                if (answer.Source != source) Interlocked.Increment(ref elsewhere);
                return (int)answer.Status == 200;
            },
            cancellationToken);
        _requests += report.Done;
        if (report.Failed > 0) bench.Report.Problem($"Reads: {report.Failed} failed.");
        if (_isWarm && elsewhere * 100 > report.Done) bench.Report.Problem($"Reads: {elsewhere} of {report.Done} were not answered by '{source}'.");
        return report.PerSecond;
    }
}
