using System.CommandLine;
using System.CommandLine.Parsing;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using MemoryAspire.Cli.Api;
using MemoryAspire.Cli.Output;

namespace MemoryAspire.Cli.Commands;

internal static class AddCommand
{
    public static Command Create(CommonOptions common, Surroundings surroundings)
    {
        var text = new Argument<string>("TEXT") { Description = "What to remember" };
        var scope = new ScopeOptions();
        var kind = new Option<string?>("--kind") { Description = "What sort of knowledge it is" };
        kind.AcceptOnlyFromAmong("episodic", "semantic", "procedural");
        var metadata = new Option<JsonObject?>("--metadata") { Description = "A JSON object", CustomParser = ParseObject };
        var importance = new Option<double?>("--importance") { Description = "0 to 1 [default: 0.5]" };

        var command = new Command("add", "Stores a memory and gives its id.") { text, kind, metadata, importance };
        scope.AddTo(command);
        common.SetAction(command, surroundings, Backoff.Interactive, async (parsed, api, report, cancellationToken) =>
        {
            var memory = new JsonObject { ["content"] = parsed.GetRequiredValue(text) };
            if (scope.Scope(parsed) is { } parts) memory["scope"] = parts;
            if (parsed.GetValue(kind) is { } given) memory["kind"] = given;
            if (parsed.GetValue(metadata) is { } fields) memory["metadata"] = fields;
            if (parsed.GetValue(importance) is { } number) memory["importance"] = number;
            var body = JsonText.Bytes(memory);
            var answer = await api.CreateAsync(body, $"add-{RandomNumberGenerator.GetHexString(32, lowercase: true)}", cancellationToken);
            report.Degraded(answer);
            if (report.IsJson) report.Json(answer.Body);
            else report.Line(MemoryText.Text(answer.Body.GetProperty("memory"), "id"));
            return ExitCode.Done;
        });
        return command;
    }

    private static JsonObject? ParseObject(ArgumentResult argument)
    {
        try
        {
            if (JsonNode.Parse(argument.Tokens[0].Value) is JsonObject parsed) return parsed;
            argument.AddError("--metadata must be a JSON object.");
        }
        catch (JsonException exception)
        {
            argument.AddError($"--metadata is not JSON: {exception.Message}");
        }

        return null;
    }
}
