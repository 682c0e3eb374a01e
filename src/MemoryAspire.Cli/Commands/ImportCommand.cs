using System.CommandLine;
using System.Text.Json.Nodes;
using MemoryAspire.Cli.Api;
using MemoryAspire.Cli.Import;
using MemoryAspire.Cli.Output;

namespace MemoryAspire.Cli.Commands;

internal static class ImportCommand
{
    private const int ConcurrencyDefault = 16;
    private const int ConcurrencyMax = 256;
    private const int FailuresShownMax = 20;

    public static Command Create(CommonOptions common, Surroundings surroundings)
    {
        var path = new Argument<string>("FILE") { Description = "NDJSON with one memory per line, or LoCoMo conversations (JSON)" };
        var concurrency = new Option<int>("--concurrency") { Description = "How many requests at once", DefaultValueFactory = _ => ConcurrencyDefault };
        concurrency.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > ConcurrencyMax) result.AddError($"--concurrency must be between 1 and {ConcurrencyMax}.");
        });

        var command = new Command("import", "Stores the memories of a file. Repeating it within 24 hours stores nothing twice.") { path, concurrency };
        common.SetAction(command, surroundings, Backoff.Patient, async (parsed, api, report, cancellationToken) =>
        {
            var file = Path.Combine(surroundings.Directory, parsed.GetRequiredValue(path));
            var source = await ImportFile.OpenAsync(file, cancellationToken);
            var importer = new Importer(api, parsed.GetValue(concurrency));
            try
            {
                await ImportProgress.ShowAsync(surroundings.Error, Path.GetFileName(file), source.Count,
                    advance => importer.RunAsync(source.Items, advance, cancellationToken));
            }
            catch (Exception exception) when (exception is ApiException or OperationCanceledException)
            {
                Show(report, importer.Outcome, source.Count);
                throw;
            }

            Show(report, importer.Outcome, source.Count);
            return importer.Outcome.Failures.Count == 0 ? ExitCode.Done : ExitCode.Refused;
        });
        return command;
    }

    private static void Show(Report report, ImportOutcome outcome, int count)
    {
        var rest = count - outcome.Created - outcome.Present - outcome.Failures.Count;
        if (report.IsJson)
        {
            report.Json(new JsonObject
            {
                ["items"] = count,
                ["created"] = outcome.Created,
                ["present"] = outcome.Present,
                ["failed"] = outcome.Failures.Count,
                ["notTried"] = rest,
                ["failures"] = new JsonArray([.. outcome.Failures.Select(failure =>
                    new JsonObject { ["at"] = failure.At, ["status"] = failure.Status, ["reason"] = failure.Reason })]),
            });
            return;
        }

        foreach (var failure in outcome.Failures.Take(FailuresShownMax)) report.Note($"{failure.At}: {failure.Reason}");
        if (outcome.Failures.Count > FailuresShownMax) report.Note($"… and {outcome.Failures.Count - FailuresShownMax} more; --json lists all.");
        report.Line($"{outcome.Created} stored, {outcome.Present} were there, {outcome.Failures.Count} failed{(rest > 0 ? $", {rest} not tried" : "")}.");
    }
}
