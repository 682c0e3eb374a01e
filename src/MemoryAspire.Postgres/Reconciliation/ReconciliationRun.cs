using System.Text.Json;
using System.Text.Json.Serialization;

namespace MemoryAspire.Postgres.Reconciliation;

/// <summary>What becomes of a row that is not what the log says, and of what other tiers hold wrongly.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RepairMode>))]
public enum RepairMode
{
    /// <summary>The row is restored, and everything else follows.</summary>
    [JsonStringEnumMemberName("logWins")]
    LogWins,

    /// <summary>The row as it stands becomes the memory's next version; everything else follows.</summary>
    [JsonStringEnumMemberName("acceptRow")]
    AcceptRow,

    /// <summary>Nothing is changed.</summary>
    [JsonStringEnumMemberName("none")]
    None,
}

/// <summary>What a run compares, and what it does about differences.</summary>
/// <param name="Deep">Whether what the index holds is compared by the bytes it holds, and rows with their own digests.</param>
public sealed record ReconciliationOrder(IReadOnlyList<string> Tiers, bool Deep, RepairMode Repair)
{
    public static IReadOnlyList<string> AllTiers { get; } = ["postgres", "index", "redis"];

    public static ReconciliationOrder Usual { get; } = new(AllTiers, false, RepairMode.LogWins);
}

/// <summary>Where a run is. Every step that is done is never done again by the leader that takes the run over.</summary>
/// <param name="Phase">The number of phases that are done.</param>
/// <param name="Next">Where the present phase goes on.</param>
public sealed record RunProgress(int Phase = 0, int Next = 0)
{
    /// <summary>0..1.</summary>
    public double Done { get; init; }

    /// <summary>What is being compared, for people.</summary>
    public string? Step { get; init; }

    /// <summary>Partitions whose rows are not what their log says, and stay so.</summary>
    public IReadOnlyList<int> Distrusted { get; init; } = [];

    /// <summary>What could not be compared, and why.</summary>
    public IReadOnlyList<string> Failures { get; init; } = [];
}

/// <summary>A comparison of the tiers: asked for, under way or done.</summary>
/// <param name="Report">JSON.</param>
public sealed record ReconciliationRun(
    Guid Id,
    string Actor,
    string Trigger,
    ReconciliationOrder Order,
    string State,
    bool CancelRequested,
    long? Epoch,
    RunProgress Progress,
    JsonElement Report,
    string? Error,
    DateTimeOffset RequestedAt,
    DateTimeOffset? StartedAt,
    DateTimeOffset? FinishedAt)
{
    public bool IsOver => State is "completed" or "failed" or "cancelled";
}
