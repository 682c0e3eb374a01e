using MemoryAspire.Bench.Load;
using MemoryAspire.Bench.Measures;
using MemoryAspire.Bench.Reporting;
using MemoryAspire.TestServices;
using Npgsql;

namespace MemoryAspire.Bench;

/// <summary>One run: starts a stack of its own, takes the measures, and ends everything.</summary>
internal static class BenchRun
{
    /// <summary>
    /// A live model of 384 dimensions whose vectors the requests bring along: nothing listens at its address, so that any
    /// text that had to be embedded would fail the run.
    /// </summary>
    private static readonly Dictionary<string, string> Settings = new()
    {
        ["Embeddings__Provider"] = "OpenAI",
        ["Embeddings__Model"] = "given",
        ["Embeddings__Dimensions"] = "384",
        ["Reconciliation__Scheduled"] = "false",
        ["Embeddings__Endpoint"] = "http://127.0.0.1:9/v1",
    };

    public static async Task<Report> RunAsync(BenchOptions options, TextWriter progress, CancellationToken cancellationToken)
    {
        await progress.WriteLineAsync("Starting PostgreSQL, Redis and the services ...");
        await using var stack = await ServiceStack.StartAsync(new(), Settings, cancellationToken);
        await using var source = NpgsqlDataSource.Create(stack.Database);
        using var plain = stack.NewClient();
        var report = new Report();
        using var bench = new Workbench(stack, plain, new ApiClient(stack.Api.Address), source, options, report);
        await bench.Bare.CreateAsync(cancellationToken);
        report.Note(await Machine.DescribeAsync(source, cancellationToken));
        report.Note($"Median of {options.Rounds} rounds of {options.Round.TotalSeconds:0.#} s; contents of {MemoryBodies.ContentLength} bytes, given vectors of {MemoryBodies.Dimensions} dimensions, {MemoryBodies.Users} users.");

        await progress.WriteLineAsync("Warming up ...");
        await bench.WarmUpAsync(cancellationToken);
        foreach (var measure in All(bench, plain, source).Where(measure => options.Only.Count == 0 || options.Only.Contains(measure.Name)))
        {
            await using (measure) await TakeAsync(measure, options.Rounds, progress, cancellationToken);
        }

        await bench.SettleAsync(cancellationToken);
        report.Detail($"{bench.Acknowledged.Memories:N0} memories were acknowledged, and all are stored and in every tier now.");
        return report;
    }

    public static IReadOnlyList<string> MeasureNames { get; } = ["creates", "batch", "latency", "reads", "reconcile", "search"];

    private static IMeasure[] All(Workbench bench, HttpClient plain, NpgsqlDataSource source) =>
    [
        new Throughput(bench, "creates", "creates, 64 clients", clients: 64, size: 1, must: 1.0, aim: 2.0),
        new Throughput(bench, "batch", "batches of 100, 8 clients", clients: 8, size: 100, must: 0.5, aim: 0.8),
        new WriteLatency(bench),
        new ReadCheck(bench),
        new ReconcileCheck(bench, plain, source),
        new ReadThroughput(bench),
        new Searches(bench),
    ];

    private static async Task TakeAsync(IMeasure measure, int rounds, TextWriter progress, CancellationToken cancellationToken)
    {
        await progress.WriteLineAsync($"{measure.Name}: preparing ...");
        if (!await measure.PrepareAsync(cancellationToken)) return;
        for (var round = 0; round < rounds; round++)
        {
            await progress.WriteLineAsync($"{measure.Name}: round {round + 1} of {rounds} ...");
            await measure.RoundAsync(round, cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
        }

        measure.Conclude();
    }
}
