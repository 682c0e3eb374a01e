using System.Text.Json;

namespace MemoryAspire.Cli.Output;

/// <summary>What a comparison of the tiers found, for people.</summary>
internal static class RunText
{
    public static void Show(JsonElement run, Report report)
    {
        report.Line($"{MemoryText.Text(run, "compared")} compared in {MemoryText.Text(run, "durationSeconds")} s, {MemoryText.Text(run, "bytesMoved")} bytes moved.");
        foreach (var difference in run.GetProperty("differences").EnumerateArray())
        {
            report.Line($"  {MemoryText.Text(difference, "tier")}: {MemoryText.Text(difference, "count")} {MemoryText.Text(difference, "kind")}");
        }

        if (Differences(run) == 0) report.Line("No differences.");
        else report.Line($"{MemoryText.Text(run, "repaired")} repaired, {MemoryText.Text(run, "unrepairable")} cannot be repaired.");
        if (run.GetProperty("uncompared").GetInt64() is var left and > 0) report.Note($"{left} were never at rest while they were looked at: run it again.");
        if (run.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.String) report.Note(error.GetString()!);
    }

    public static long Differences(JsonElement run) => run.GetProperty("differences").EnumerateArray().Sum(difference => difference.GetProperty("count").GetInt64());

    /// <summary>Whether all tiers were compared, and are equal now.</summary>
    public static bool IsClean(JsonElement run) =>
        MemoryText.Text(run, "state") == "completed" && run.GetProperty("repaired").GetInt64() >= Differences(run) && run.GetProperty("unrepairable").GetInt64() == 0;
}
