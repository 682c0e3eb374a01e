using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace MemoryAspire.Bench.Index.Measures;

/// <summary>Another library on the vectors, as a process of its own: see <c>Baselines</c>.</summary>
internal sealed record Baseline(string Name, IReadOnlyList<string> Command)
{
    public async Task<Curve> MeasureAsync(VectorSet set, Truth truth, int links, int construction, IReadOnlyList<int> breadths, CancellationToken cancellationToken)
    {
        var output = Path.Combine(set.Directory, "found");
        string[] arguments =
        [
            .. Command.Skip(1), set.VectorsPath, set.QueriesPath, Text(set.Dimension), Text(links), Text(construction), Text(truth.K), output, .. breadths.Select(Text),
        ];
        using var process = Process.Start(new ProcessStartInfo(Command[0], arguments) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException($"{Name} did not start.");
        try
        {
            var lines = (await process.StandardOutput.ReadToEndAsync(cancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            await process.WaitForExitAsync(cancellationToken);
            if (process.ExitCode != 0) throw new InvalidOperationException($"{Name} ended with {process.ExitCode}.");
            var queries = set.Queries.Length / set.Dimension;
            var points = breadths.Select((breadth, number) =>
            {
                var found = MemoryMarshal.Cast<byte, int>(File.ReadAllBytes($"{output}.{Text(breadth)}"));
                return (breadth, truth.Recall(found), queries / Seconds(lines[number + 1], $"search {Text(breadth)} "));
            });
            return new Curve(Name, Seconds(lines[0], "build "), [.. points]);
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }

    private static double Seconds(string line, string before) => line.StartsWith(before, StringComparison.Ordinal)
        ? double.Parse(line.AsSpan(before.Length), CultureInfo.InvariantCulture)
        : throw new InvalidOperationException($"'{before}' was to come, not '{line}'.");

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
