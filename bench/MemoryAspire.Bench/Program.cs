using System.CommandLine;
using MemoryAspire.Bench;
using MemoryAspire.Bench.Reporting;

var seconds = new Option<double>("--seconds") { Description = "How long either side of a measure runs in a round", DefaultValueFactory = _ => 5 };
var rounds = new Option<int>("--rounds") { Description = "How many rounds there are; the medians count", DefaultValueFactory = _ => 3 };
var only = new Option<string[]>("--only") { Description = "The measures to take", AllowMultipleArgumentsPerToken = true };
var memories = new Option<long>("--memories") { Description = "How many memories there are when the tiers are compared", DefaultValueFactory = _ => 200_000 };
var output = new Option<string>("--output")
{
    Description = "The Markdown file the report goes to, between <!-- benchmark --> and <!-- /benchmark --> when it exists",
    DefaultValueFactory = _ => "artifacts/benchmark.md",
};
only.AcceptOnlyFromAmong([.. BenchRun.MeasureNames]);
seconds.Validators.Add(result =>
{
    if (result.GetValueOrDefault<double>() is not (> 0 and <= 3600)) result.AddError("--seconds is more than 0 and at most 3600.");
});
rounds.Validators.Add(result =>
{
    if (result.GetValueOrDefault<int>() is < 1 or > 1000) result.AddError("--rounds is 1..1000.");
});

var root = new RootCommand("Measures MemoryAspire against bare PostgreSQL, both in the same run.") { seconds, rounds, only, memories, output };
root.SetAction(async (parsed, cancellationToken) =>
{
    var options = new BenchOptions(
        TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(rounds), parsed.GetValue(only) ?? [], parsed.GetValue(memories), parsed.GetRequiredValue(output));
    try
    {
        var report = await BenchRun.RunAsync(options, Console.Error, cancellationToken);
        var markdown = report.ToMarkdown();
        Console.WriteLine(markdown);
        ReportFile.Write(options.Output, markdown);
        return report.IsBroken ? 1 : 0;
    }
    catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
    {
        await Console.Error.WriteLineAsync("Stopped; nothing was left behind.");
        return 130;
    }
});
// Ending the servers in order takes longer than the two seconds that are the default.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(60) });
