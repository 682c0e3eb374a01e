using System.CommandLine;
using System.Text.Json.Nodes;
using MemoryAspire.Cli.Api;

namespace MemoryAspire.Cli.Commands;

internal static class CheckCommand
{
    public static Command Create(CommonOptions common, Surroundings surroundings)
    {
        var deep = new Option<bool>("--deep") { Description = "Compares the bytes that are stored, not only their digests" };
        var command = new Command("check", "Compares the tiers with the event log and changes nothing.") { deep };
        common.SetAction(command, surroundings, Backoff.Interactive, async (parsed, api, report, cancellationToken) =>
        {
            var order = new JsonObject { ["repair"] = "none", ["deep"] = parsed.GetValue(deep) };
            return RunCalls.Tell(await RunCalls.RunAsync(order, "check", api, surroundings, cancellationToken), report);
        });
        return command;
    }
}
