using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using MemoryAspire.Cli.Api;
using MemoryAspire.Cli.Output;

namespace MemoryAspire.Cli.Commands;

internal static class SearchCommand
{
    public static Command Create(CommonOptions common, Surroundings surroundings)
    {
        var query = new Argument<string>("QUERY") { Description = "What to look for, in any wording" };
        var scope = new ScopeOptions();
        var count = new Option<int?>("-k", "--k") { Description = "How many memories at most [default: 10]" };
        var mode = new Option<string?>("--mode") { Description = "How to search [default: hybrid]" };
        mode.AcceptOnlyFromAmong("semantic", "keyword", "hybrid");
        var minScore = new Option<double?>("--min-score") { Description = "The lowest score, 0 to 1" };

        var command = new Command("search", "Finds memories by meaning.") { query, count, mode, minScore };
        scope.AddTo(command);
        common.SetAction(command, surroundings, Backoff.Interactive, async (parsed, api, report, cancellationToken) =>
        {
            var search = new JsonObject { ["query"] = parsed.GetRequiredValue(query) };
            if (parsed.GetValue(count) is { } k) search["k"] = k;
            if (parsed.GetValue(mode) is { } chosen) search["mode"] = chosen;
            if (parsed.GetValue(minScore) is { } score) search["minScore"] = score;
            if (scope.Scope(parsed) is { } parts) search["scope"] = parts;
            var answer = await api.SearchAsync(JsonText.Bytes(search), cancellationToken);
            report.Degraded(answer);
            if (report.IsJson) report.Json(answer.Body);
            else Show(answer.Body, report);
            return ExitCode.Done;
        });
        return command;
    }

    private static void Show(JsonElement body, Report report)
    {
        var results = body.GetProperty("results");
        if (results.GetArrayLength() == 0) report.Note("Nothing found.");
        foreach (var line in results.EnumerateArray().SelectMany(MemoryText.Hit)) report.Line(line);
    }
}
