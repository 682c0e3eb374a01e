using System.Globalization;
using MemoryAspire.Bench.Index.Measures;

namespace MemoryAspire.Bench.Index;

/// <summary>What a run found, as Markdown.</summary>
internal sealed class IndexReport(IndexBenchOptions options)
{
    private const double Enough = 0.97;

    public Curve Own { get; set; } = null!;

    public List<Curve> Others { get; } = [];

    public EngineFigures Engine { get; set; } = null!;

    public string ToMarkdown()
    {
        List<string> lines =
        [
            Text($"{options.Vectors:N0} vectors of {options.Dimension} dimensions around 1,000 centres, {options.Queries:N0} queries, k = 10; M = {options.Links}, efConstruction = {options.Construction}; one thread; per second of processor time."),
            "",
            Text($"| | vectors built | ratio | recall at ef 64 | searches at recall {Enough} | ratio |"),
            "| --- | --- | --- | --- | --- | --- |",
            Text($"| {Own.Name} | {options.Vectors / Own.BuildSeconds:N0}/s | | {Own.RecallOf(64):0.000} | {Rate(Own)} | |"),
            .. Others.Select(other => Text(
                $"| {other.Name} | {options.Vectors / other.BuildSeconds:N0}/s | {other.BuildSeconds / Own.BuildSeconds:0.00} x | {other.RecallOf(64):0.000} | {Rate(other)} | {Ratio(other)} |")),
            "",
            "| the engine | |",
            "| --- | --- |",
            Text($"| a wide search, k = 10: recall; p50, p99 of processor time | {Engine.Recall:0.000}; {Engine.WideMedian:0.000} ms, {Engine.WideLate:0.000} ms |"),
            Text($"| a search of a user's 1,000 memories, exact, p50 of processor time | {Engine.NarrowMedian:0.000} ms |"),
            Text($"| adding one memory to the full index, p50, p99 by the clock | {Engine.InsertMedian:0.000} ms, {Engine.InsertLate:0.000} ms |"),
            Text($"| memory per vector, all that the process grew by | {Engine.BytesPerVector:N0} B |"),
            Text($"| writing a snapshot; restart until searchable | {Engine.SnapshotSeconds:0.0} s; {Engine.RestartSeconds:0.0} s |"),
            "",
        ];
        return string.Join('\n', lines);
    }

    private static string Rate(Curve curve) => curve.RateAt(Enough) is { } rate ? Text($"{rate:N0}/s") : "not reached";

    private string Ratio(Curve other) => Own.RateAt(Enough) is { } own && other.RateAt(Enough) is { } rate ? Text($"{own / rate:0.00} x") : "–";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
