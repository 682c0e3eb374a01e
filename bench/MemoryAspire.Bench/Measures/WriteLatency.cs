using MemoryAspire.Bench.Bare;
using MemoryAspire.Bench.Load;

namespace MemoryAspire.Bench.Measures;

/// <summary>What a create takes longer than a bare insert when there is one client.</summary>
internal sealed class WriteLatency(Workbench bench) : IMeasure
{
    private const double Must = 1.5;
    private const double Aim = 0.7;

    private readonly List<(Latencies Ours, Latencies Bare)> _rounds = [];
    private readonly RequestBody _body = new(bench.Bodies, new Random(1001));
    private BareWriter? _writer;

    public string Name => "latency";

    public async Task<bool> PrepareAsync(CancellationToken cancellationToken)
    {
        _writer = (await bench.Bare.OpenAsync(1, bench.Bodies, rows: 1))[0];
        await RoundAsync(0, cancellationToken);
        _rounds.Clear();
        return true;
    }

    public async Task RoundAsync(int round, CancellationToken cancellationToken)
    {
        var writer = _writer ?? throw new InvalidOperationException("This measure has not been prepared.");
        var bare = await Clients.RunAsync(1, bench.Options.Round / 2, _ => writer.WriteAsync(), cancellationToken);
        var ours = await Clients.RunAsync(1, bench.Options.Round / 2, _ => bench.CreateAsync(_body), cancellationToken);
        if (ours.Failed + bare.Failed > 0) bench.Report.Problem($"Latency: {ours.Failed} requests and {bare.Failed} transactions failed.");
        _rounds.Add((ours.Latencies, bare.Latencies));
        await bench.SettleAsync(cancellationToken);
    }

    public void Conclude()
    {
        var added = Median.Of(_rounds.Select(round => round.Ours.Quantile(0.5) - round.Bare.Quantile(0.5)));
        bench.Report.Row(
            "latency of a create added to the bare insert's, 1 client, p50", $"{Ours(0.5):0.00} ms", $"{Bare(0.5):0.00} ms", $"+{added:0.00} ms", $"{Must} ms", $"{Aim} ms", added <= Must, added <= Aim);
        bench.Report.Detail($"1 client, p99: {Ours(0.99):0.00} ms a create, {Bare(0.99):0.00} ms a bare insert.");
    }

    public async ValueTask DisposeAsync()
    {
        if (_writer is not null) await _writer.DisposeAsync();
    }

    private double Ours(double share) => Median.Of(_rounds.Select(round => round.Ours.Quantile(share)));

    private double Bare(double share) => Median.Of(_rounds.Select(round => round.Bare.Quantile(share)));
}
