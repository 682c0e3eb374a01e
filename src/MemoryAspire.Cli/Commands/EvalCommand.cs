using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using MemoryAspire.Cli.Api;
using MemoryAspire.Cli.Evaluation;
using MemoryAspire.Cli.Output;

namespace MemoryAspire.Cli.Commands;

internal static class EvalCommand
{
    private static readonly string[] Modes = ["semantic", "keyword", "hybrid"];

    public static Command Create(CommonOptions common, Surroundings surroundings)
    {
        var path = new Argument<string>("FILE") { Description = "LoCoMo conversations with questions (JSON)" };
        var modes = new Option<string[]>("--mode") { Description = "The modes to measure [default: all]", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => Modes };
        modes.AcceptOnlyFromAmong(Modes);
        var keep = new Option<bool>("--keep") { Description = "Leaves the conversations stored" };
        var command = new Command("eval", "Measures search: stores conversations, asks their questions, and tells how much of the evidence is found.") { path, modes, keep };
        common.SetAction(command, surroundings, Backoff.Patient, async (parsed, api, report, cancellationToken) =>
        {
            var file = Path.Combine(surroundings.Directory, parsed.GetRequiredValue(path));
            var conversations = await ReadAsync(file, cancellationToken);
            var asked = parsed.GetValue(modes)!.Distinct().ToArray();
            var run = $"eval-{surroundings.Clock.GetUtcNow().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)}";
            var evaluator = new Evaluator(api, run, asked);
            await ImportProgress.ShowAsync(surroundings.Error, Path.GetFileName(file), Evaluator.StepsOf(conversations, asked.Length),
                advance => evaluator.RunAsync(conversations, parsed.GetValue(keep), advance, cancellationToken));
            Show(report, evaluator.Tables);
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task<IReadOnlyList<EvaluatedConversation>> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return LocomoQuestions.Read(JsonElement.Parse(await File.ReadAllBytesAsync(path, cancellationToken)));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{path} cannot be read: {exception.Message}");
        }
        catch (JsonException exception)
        {
            throw new UsageException($"{path} is not JSON: {exception.Message}");
        }
    }

    private static void Show(Report report, IReadOnlyList<RecallTable> tables)
    {
        if (report.IsJson)
        {
            report.Json(new JsonObject
            {
                ["modes"] = new JsonArray([.. tables.Select(table => new JsonObject
                {
                    ["mode"] = table.Mode,
                    ["questions"] = table.Questions,
                    ["recall"] = new JsonObject(table.At.Select(one => KeyValuePair.Create(one.Key.ToString(CultureInfo.InvariantCulture), (JsonNode?)JsonValue.Create(Math.Round(one.Value, 4))))),
                    ["mrr"] = Math.Round(table.ReciprocalRank, 4),
                })]),
            });
            return;
        }

        report.Line($"{"mode",-10}{string.Concat(Recall.Counts.Select(count => $"{$"recall@{count}",12}"))}{"MRR",10}{"questions",12}");
        foreach (var table in tables)
        {
            report.Line($"{table.Mode,-10}{string.Concat(Recall.Counts.Select(count => $"{Number(table.At[count]),12}"))}{Number(table.ReciprocalRank),10}{table.Questions,12}");
        }
    }

    private static string Number(double value) => value.ToString("F3", CultureInfo.InvariantCulture);
}
