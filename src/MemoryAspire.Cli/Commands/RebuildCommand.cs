using System.CommandLine;
using System.Text.Json;
using MemoryAspire.Cli.Api;
using MemoryAspire.Cli.Output;

namespace MemoryAspire.Cli.Commands;

internal static class RebuildCommand
{
    /// <summary>Every event there is, is read.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromHours(6);

    public static Command Create(CommonOptions common, Surroundings surroundings)
    {
        var command = new Command("rebuild", "Compares all memories with the event log, and makes them what it says.");
        common.SetAction(
            command,
            surroundings,
            Backoff.Interactive,
            async (_, api, report, cancellationToken) =>
            {
                ApiAnswer answer = null!;
                await RunProgress.WaitAsync(surroundings.Error, "rebuild", async () => answer = await api.RebuildAsync(cancellationToken));
                if (report.IsJson) report.Json(answer.Body);
                else Show(answer.Body, report);
                return answer.Body.GetProperty("incompleteLogs").GetArrayLength() == 0 ? ExitCode.Done : ExitCode.Refused;
            },
            Timeout);
        return command;
    }

    private static void Show(JsonElement rebuilt, Report report)
    {
        string Text(string name) => MemoryText.Text(rebuilt, name);
        report.Line($"{Text("memoriesCompared")} memories compared with {Text("eventsRead")} events in {Text("partitions")} partitions.");
        report.Line($"{Text("rowsRemoved")} rows removed, {Text("rowsAdded")} added, {Text("rowsReplaced")} replaced.");
        foreach (var partition in rebuilt.GetProperty("incompleteLogs").EnumerateArray())
        {
            report.Note($"The log of partition {partition} is not whole: its rows were left as they are.");
        }

        if (Text("redis") == "pending") report.Note("Redis could not be reached: until it has forgotten them, it may hold values of rows that were wrong.");
    }
}
