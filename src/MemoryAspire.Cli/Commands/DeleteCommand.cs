using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using MemoryAspire.Cli.Api;

namespace MemoryAspire.Cli.Commands;

internal static class DeleteCommand
{
    public static Command Create(CommonOptions common, Surroundings surroundings)
    {
        var id = new Argument<string>("ID") { Description = "The memory's id" };
        var command = new Command("delete", "Deletes a memory.") { id };
        common.SetAction(command, surroundings, Backoff.Interactive, async (parsed, api, report, cancellationToken) =>
        {
            var answer = await api.DeleteAsync(parsed.GetRequiredValue(id), $"delete-{RandomNumberGenerator.GetHexString(32, lowercase: true)}", cancellationToken);
            report.Degraded(answer);
            if (report.IsJson) report.Json(new JsonObject { ["deleted"] = parsed.GetRequiredValue(id) });
            else report.Line($"Deleted {parsed.GetRequiredValue(id)}.");
            return ExitCode.Done;
        });
        return command;
    }
}
