using MemoryAspire.Bench.Load;

namespace MemoryAspire.Bench.Measures;

/// <summary>What the consistency check adds to a read by id: level <c>session</c> with a token against <c>eventual</c>.</summary>
internal sealed class ReadCheck(Workbench bench) : IMeasure
{
    private const int Memories = 2000;
    private const double Must = 1.0;
    private const double Aim = 0.2;

    private readonly List<(Latencies Session, Latencies Eventual)> _rounds = [];
    private readonly List<(Uri Session, Uri Eventual, string Token)> _memories = [];
    private readonly Dictionary<string, long> _sources = [];
    private readonly Random _random = new(2001);

    public string Name => "reads";

    public async Task<bool> PrepareAsync(CancellationToken cancellationToken)
    {
        var body = new RequestBody(bench.Bodies, _random);
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
            var memory = new Uri(bench.Stack.Api.Address, answer.Location);
            _memories.Add((new Uri(memory, "?consistency=session"), new Uri(memory, "?consistency=eventual"), answer.Token));
        }

        await bench.SettleAsync(cancellationToken);
        await RoundAsync(0, cancellationToken);
        _rounds.Clear();
        _sources.Clear();
        return true;
    }

    /// <summary>The two take turns, so that whatever disturbs one disturbs the other.</summary>
    public async Task RoundAsync(int round, CancellationToken cancellationToken)
    {
        var (session, eventual) = (new Latencies(), new Latencies());
        var begun = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(begun) < bench.Options.Round && !cancellationToken.IsCancellationRequested)
        {
            var memory = _memories[_random.Next(_memories.Count)];
            await ReadAsync(memory.Eventual, null, eventual);
            memory = _memories[_random.Next(_memories.Count)];
            await ReadAsync(memory.Session, memory.Token, session);
        }

        _rounds.Add((session, eventual));
    }

    public void Conclude()
    {
        var added = Added(0.99);
        bench.Report.Row(
            "consistency check on a read by id, 1 client, p99", $"{Session(0.99):0.000} ms", $"{Eventual(0.99):0.000} ms", $"{added:+0.000;-0.000} ms", $"{Must} ms", $"{Aim} ms", added <= Must, added <= Aim);
        bench.Report.Detail(
            $"Reads, p50: {Session(0.5):0.000} ms with a token, {Eventual(0.5):0.000} ms without ({Added(0.5):+0.000;-0.000} ms); answered by "
            + string.Join(", ", _sources.Select(source => $"{source.Key} ({source.Value:N0})")) + ".");
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private double Session(double share) => Median.Of(_rounds.Select(round => round.Session.Quantile(share)));

    private double Eventual(double share) => Median.Of(_rounds.Select(round => round.Eventual.Quantile(share)));

    private double Added(double share) => Median.Of(_rounds.Select(round => round.Session.Quantile(share) - round.Eventual.Quantile(share)));

    private async Task ReadAsync(Uri memory, string? token, Latencies latencies)
    {
        var at = TimeProvider.System.GetTimestamp();
        var answer = await bench.Api.GetAsync(memory, token);
        latencies.Add(TimeProvider.System.GetElapsedTime(at));
        if ((int)answer.Status != 200) bench.Report.Problem($"Reads: {memory} was answered with {(int)answer.Status}.");
        _sources[answer.Source] = _sources.GetValueOrDefault(answer.Source) + 1;
    }
}
