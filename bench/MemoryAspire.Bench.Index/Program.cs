using System.CommandLine;
using MemoryAspire.Bench.Index;
using MemoryAspire.Bench.Reporting;

var vectors = Number("--vectors", "How many vectors there are", 100_000, 1_000, 10_000_000);
var dimensions = Number("--dimensions", "Their dimensions", 384, 2, 16_384);
var queries = Number("--queries", "How many queries are asked", 1_000, 50, 100_000);
var links = Number("--links", "The graphs' M", 16, 4, 64);
var construction = Number("--construction", "The graphs' efConstruction", 100, 64, 4_096);
var baselines = new Option<string[]>("--baselines")
{
    Description = "What it is compared with: faiss takes its time. None when nothing follows",
    AllowMultipleArgumentsPerToken = true,
    Arity = ArgumentArity.ZeroOrMore,
    DefaultValueFactory = _ => [.. IndexBench.BaselineNames],
};
baselines.AcceptOnlyFromAmong([.. IndexBench.BaselineNames]);
var mark = new Option<string>("--mark") { Description = "The name of the marks", DefaultValueFactory = _ => "index" };
var output = new Option<string>("--output")
{
    Description = "The Markdown file the report goes to, between <!-- index --> and <!-- /index --> when it exists",
    DefaultValueFactory = _ => "artifacts/benchmark-index.md",
};
var root = new RootCommand("Measures the index against FAISS's own HNSW and hnswlib, all in the same run.") { vectors, dimensions, queries, links, construction, baselines, output, mark };
root.SetAction(async (parsed, cancellationToken) =>
{
    var options = new IndexBenchOptions(
        parsed.GetValue(vectors), parsed.GetValue(dimensions), parsed.GetValue(queries), parsed.GetValue(links), parsed.GetValue(construction),
        parsed.GetValue(baselines) ?? [], parsed.GetRequiredValue(output));
    var markdown = (await IndexBench.RunAsync(options, Console.Error, cancellationToken)).ToMarkdown();
    Console.WriteLine(markdown);
    ReportFile.Write(options.Output, markdown, parsed.GetRequiredValue(mark));
    return 0;
});
return await root.Parse(args).InvokeAsync();

static Option<int> Number(string name, string description, int value, int min, int max)
{
    var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => value };
    option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<int>() is var given && (given < min || given > max)) result.AddError($"{name} is {min}..{max}.");
    });
    return option;
}
