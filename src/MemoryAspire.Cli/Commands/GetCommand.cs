using System.CommandLine;
using MemoryAspire.Cli.Api;
using MemoryAspire.Cli.Output;

namespace MemoryAspire.Cli.Commands;

internal static class GetCommand
{
    public static Command Create(CommonOptions common, Surroundings surroundings)
    {
        var id = new Argument<string>("ID") { Description = "The memory's id" };
        var command = new Command("get", "Reads a memory.") { id };
        common.SetAction(command, surroundings, Backoff.Interactive, async (parsed, api, report, cancellationToken) =>
        {
            var answer = await api.GetAsync(parsed.GetRequiredValue(id), cancellationToken);
            report.Degraded(answer);
            if (report.IsJson) report.Json(answer.Body);
            else foreach (var line in MemoryText.Whole(answer.Body)) report.Line(line);
            return ExitCode.Done;
        });
        return command;
    }
}
