using MemoryAspire.Crash.Tests.Writes;

namespace MemoryAspire.Crash.Tests.Stacks;

internal static class Victim
{
    public const string Api = "api";
    public const string Postgres = "postgres";
    public const string Redis = "redis";
    public const string Index = "index";
}

/// <summary>Who is killed, and when.</summary>
internal sealed record CrashCell(string Step, string Victim)
{
    /// <summary>The steps of a commit, in the order it takes them.</summary>
    public static IReadOnlyList<string> Steps { get; } = ["gathered", "prepared", "planned", "committed", "redis-applied", "index-applied", "answering"];

    public static IReadOnlyList<string> Victims { get; } = [Stacks.Victim.Api, Stacks.Victim.Postgres, Stacks.Victim.Redis, Stacks.Victim.Index];

    /// <summary>Whether the derived tiers have not been told then.</summary>
    public bool IsBeforeDelivery => Step is "gathered" or "prepared" or "planned" or "committed";

    /// <summary>
    /// The participants vote beside the locks: a PostgreSQL that dies when they have voted has taken the locks by then, so that
    /// COMMIT was sent to it, or has not.
    /// </summary>
    public string Describe(Told told) =>
        this is { Step: "prepared", Victim: Stacks.Victim.Postgres } && told is { Status: 503, Outcome: "notStored" or "unknown" }
            ? "503 notStored or unknown"
            : told.ToString();

    public static IReadOnlyList<CrashCell> All { get; } = [.. Steps.SelectMany(step => Victims.Select(victim => new CrashCell(step, victim)))];
}
