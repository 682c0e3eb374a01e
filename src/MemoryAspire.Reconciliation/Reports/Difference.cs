namespace MemoryAspire.Reconciliation.Reports;

/// <summary>How often one kind of difference was found in a tier.</summary>
public sealed record Difference(string Tier, string Kind, long Count);

/// <summary>The tiers and the kinds of differences, as reports and metrics name them.</summary>
public static class Kinds
{
    public const string Postgres = "postgres";
    public const string Index = "index";
    public const string Redis = "redis";

    /// <summary>The tier does not have what exists.</summary>
    public const string Missing = "missing";

    /// <summary>The tier has what does not exist.</summary>
    public const string Orphan = "orphan";

    /// <summary>The tier has another version.</summary>
    public const string Stale = "stale";

    /// <summary>The tier has the version, with something else in it.</summary>
    public const string Changed = "changed";

    /// <summary>The bytes are not what their own digest says.</summary>
    public const string Damaged = "damaged";

    /// <summary>A value that would stay for ever.</summary>
    public const string Endless = "endless";

    /// <summary>A log that lacks positions.</summary>
    public const string LogGap = "log_gap";

    /// <summary>Every pair there is.</summary>
    public static IReadOnlyList<(string Tier, string Kind)> All { get; } =
    [
        (Postgres, Missing), (Postgres, Orphan), (Postgres, Changed), (Postgres, Damaged), (Postgres, LogGap),
        (Index, Missing), (Index, Orphan), (Index, Stale), (Index, Changed),
        (Redis, Orphan), (Redis, Stale), (Redis, Changed), (Redis, Damaged), (Redis, Endless),
    ];
}
