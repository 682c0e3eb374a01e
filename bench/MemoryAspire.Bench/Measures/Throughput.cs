using MemoryAspire.Bench.Bare;
using MemoryAspire.Bench.Load;
using MemoryAspire.Bench.Processes;

namespace MemoryAspire.Bench.Measures;

/// <summary>Memories per second through the API, durable, indexed and cached, against rows per second of a bare table.</summary>
/// <param name="clients">On either side.</param>
/// <param name="size">Memories per request, and rows per transaction.</param>
internal sealed class Throughput(Workbench bench, string name, string title, int clients, int size, double must, double aim) : IMeasure
{
    /// <summary>A round in which fewer were in every tier at once has not measured what it says.</summary>
    private const double EverywhereMin = 0.99;

    private readonly List<Round> _rounds = [];
    private readonly RequestBody[] _bodies = [.. Enumerable.Range(0, clients).Select(client => new RequestBody(bench.Bodies, new Random(client)))];
    private BareWriter[] _writers = [];
    private double _residentBefore;

    public string Name => name;

    public async Task<bool> PrepareAsync(CancellationToken cancellationToken)
    {
        if (size > 1 && await bench.Api.CreateBatchAsync(_bodies[0].Batch(1)) is var probe)
        {
            if ((int)probe.Status is 404 or 405)
            {
                bench.Report.Note($"{title}: skipped, this API has no batches.");
                return false;
            }

            bench.Acknowledged.Add((int)probe.Status == 207 ? 1 : 0, probe.Tiers);
        }

        _writers = await bench.Bare.OpenAsync(clients, bench.Bodies, size);
        await BareAsync(BenchOptions.WarmUp, cancellationToken);
        await ApiAsync(BenchOptions.WarmUp, cancellationToken);
        await bench.SettleAsync(cancellationToken);
        _residentBefore = CpuTimes.ResidentMegabytes(bench.Stack.Api.ProcessId);
        return true;
    }

    public async Task RoundAsync(int round, CancellationToken cancellationToken)
    {
        // What drifts while the run lasts favours neither side.
        var bareFirst = round % 2 == 0;
        var bare = bareFirst ? await BareAsync(bench.Options.Round, cancellationToken) : null;
        var before = CpuTimes.Read(bench.Stack);
        var everywhere = bench.Acknowledged.Everywhere;
        var ours = await ApiAsync(bench.Options.Round, cancellationToken);
        var settled = await bench.SettleAsync(cancellationToken);
        var after = CpuTimes.Read(bench.Stack);
        bare ??= await BareAsync(bench.Options.Round, cancellationToken);
        if (ours.Failed + bare.Failed > 0) bench.Report.Problem($"{title}: {ours.Failed} requests and {bare.Failed} transactions failed.");
        var used = after.ToDictionary(part => part.Key, part => (part.Value - before[part.Key]).TotalMicroseconds / (ours.Done * size));
        var share = (double)(bench.Acknowledged.Everywhere - everywhere) / (ours.Done * size);
        if (share < EverywhereMin) bench.Report.Problem($"{title}: only {share:P0} were in every tier when they were acknowledged.");
        _rounds.Add(new Round(ours, bare, settled, share, used));
    }

    public void Conclude()
    {
        var ours = Median.Of(_rounds.Select(round => round.Ours.PerSecond * size));
        var bare = Median.Of(_rounds.Select(round => round.Bare.PerSecond * size));
        var ratio = Median.Of(_rounds.Select(round => round.Ours.PerSecond / round.Bare.PerSecond));
        bench.Report.Row(title, $"{ours:N0}/s", $"{bare:N0}/s", $"{ratio:0.00} x", $"{must:0.0} x", $"{aim:0.0} x", ratio >= must, ratio >= aim);
        bench.Report.Detail(
            $"{title}: latency p50 {Quantile(0.5):0.0} ms, p99 {Quantile(0.99):0.0} ms; {Median.Of(_rounds.Select(round => round.Everywhere)):P1} in every tier when acknowledged; after "
            + $"a round the tiers were in step and idle again within {Median.Of(_rounds.Select(round => round.Settled.TotalSeconds)):0.0} s; the API held {_residentBefore:N0} MiB before and "
            + $"{CpuTimes.ResidentMegabytes(bench.Stack.Api.ProcessId):N0} MiB after.");
        bench.Report.Cpu(title, _rounds[0].Used.Keys.ToDictionary(part => part, part => Median.Of(_rounds.Select(round => round.Used[part]))));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var writer in _writers) await writer.DisposeAsync();
    }

    private double Quantile(double share) => Median.Of(_rounds.Select(round => round.Ours.Latencies.Quantile(share)));

    private async Task<ClientsReport> BareAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        var before = await bench.Bare.CountAsync(cancellationToken);
        var report = await Clients.RunAsync(clients, duration, client => _writers[client].WriteAsync(), cancellationToken);
        var written = await bench.Bare.CountAsync(cancellationToken) - before;
        if (written != report.Done * size) bench.Report.Problem($"{title}: the baseline wrote {written} rows, not {report.Done * size}.");
        return report;
    }

    private Task<ClientsReport> ApiAsync(TimeSpan duration, CancellationToken cancellationToken) => Clients.RunAsync(
        clients,
        duration,
        client => size == 1 ? bench.CreateAsync(_bodies[client]) : CreateBatchAsync(_bodies[client]),
        cancellationToken);

    private async Task<bool> CreateBatchAsync(RequestBody body)
    {
        var answer = await bench.Api.CreateBatchAsync(body.Batch(size));
        if ((int)answer.Status != 207) return false;
        bench.Acknowledged.Add(size, answer.Tiers);
        return true;
    }

    private sealed record Round(ClientsReport Ours, ClientsReport Bare, TimeSpan Settled, double Everywhere, IReadOnlyDictionary<string, double> Used);
}
