using System.CommandLine;
using System.Text.Json.Nodes;
using MemoryAspire.Cli.Api;

namespace MemoryAspire.Cli.Commands;

internal static class ReconcileCommand
{
    public static Command Create(CommonOptions common, Surroundings surroundings)
    {
        var deep = new Option<bool>("--deep") { Description = "Compares the bytes that are stored, not only their digests" };
        var accept = new Option<bool>("--accept-rows") { Description = "Makes rows that were changed by hand new versions, instead of restoring them from the log" };
        var command = new Command("reconcile", "Compares the tiers with the event log and repairs what differs.") { deep, accept };
        common.SetAction(command, surroundings, Backoff.Interactive, async (parsed, api, report, cancellationToken) =>
        {
            var order = new JsonObject { ["repair"] = parsed.GetValue(accept) ? "acceptRow" : "logWins", ["deep"] = parsed.GetValue(deep) };
            return RunCalls.Tell(await RunCalls.RunAsync(order, "reconcile", api, surroundings, cancellationToken), report);
        });
        return command;
    }
}
