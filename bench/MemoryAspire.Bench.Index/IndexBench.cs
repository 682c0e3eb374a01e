using MemoryAspire.Bench.Index.Measures;

namespace MemoryAspire.Bench.Index;

/// <summary>What one run does.</summary>
internal sealed record IndexBenchOptions(int Vectors, int Dimension, int Queries, int Links, int Construction, IReadOnlyCollection<string> Baselines, string Output);

/// <summary>One run: makes vectors, has every contestant build and search, and measures the engine.</summary>
internal static class IndexBench
{
    private const int K = 10;

    private static readonly int[] Breadths = [16, 24, 32, 48, 64, 96, 128, 192, 256];

    public static async Task<IndexReport> RunAsync(IndexBenchOptions options, TextWriter progress, CancellationToken cancellationToken)
    {
        var resident = Engine.Resident();
        var directory = Directory.CreateTempSubdirectory("memory-bench-").FullName;
        try
        {
            await progress.WriteLineAsync($"Making {options.Vectors:N0} vectors ...");
            var set = new VectorSet(options.Vectors, options.Queries, options.Dimension, directory);
            var report = new IndexReport(options);
            await progress.WriteLineAsync("MemoryAspire ...");
            Truth truth;
            using (var own = new OwnGraph(set, options.Links, options.Construction))
            {
                truth = own.FindTruth(K);
                report.Own = own.Measure(truth, Breadths);
            }

            foreach (var baseline in options.Baselines.Select(Baseline))
            {
                await progress.WriteLineAsync($"{baseline.Name} ...");
                report.Others.Add(await baseline.MeasureAsync(set, truth, options.Links, options.Construction, Breadths, cancellationToken));
            }

            await progress.WriteLineAsync("The engine ...");
            await using (var engine = new Engine(set, options.Links, options.Construction, resident)) report.Engine = await engine.MeasureAsync(truth, cancellationToken);
            return report;
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    public static IReadOnlyList<string> BaselineNames { get; } = ["faiss", "hnswlib"];

    private static Baseline Baseline(string name) => name switch
    {
        "faiss" => new("FAISS HNSW (python3-faiss)", [Required("BENCH_PYTHON"), Path.Combine(AppContext.BaseDirectory, "Baselines", "faiss_hnsw.py")]),
        "hnswlib" => new("hnswlib (-march=native)", [Required("BENCH_HNSWLIB")]),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "There is no such baseline."),
    };

    private static string Required(string variable) =>
        Environment.GetEnvironmentVariable(variable) ?? throw new InvalidOperationException($"{variable} is not set: start bench/index.sh.");
}
