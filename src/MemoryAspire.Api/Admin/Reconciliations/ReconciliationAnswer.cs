using MemoryAspire.Postgres.Reconciliation;
using MemoryAspire.Reconciliation.Reports;

namespace MemoryAspire.Api.Admin.Reconciliations;

/// <summary>A run as the API gives it.</summary>
/// <param name="State"><c>running</c> from the request on, then <c>completed</c>, <c>failed</c> or <c>cancelled</c>.</param>
/// <param name="Waiting">Whether the leader has not begun it yet.</param>
/// <param name="Progress">0..1.</param>
/// <param name="Compared">Rows, memories of the index and values of Redis together.</param>
/// <param name="Uncompared">What was never at rest while it was looked at: the next run compares it.</param>
internal sealed record ReconciliationAnswer(
    Guid Id,
    string State,
    bool Waiting,
    string Trigger,
    string Actor,
    IReadOnlyList<string> Tiers,
    bool Deep,
    RepairMode Repair,
    DateTimeOffset RequestedAt,
    DateTimeOffset StartedAt,
    DateTimeOffset? FinishedAt,
    double? DurationSeconds,
    double Progress,
    string? Step,
    long Compared,
    IReadOnlyDictionary<string, long> ComparedByTier,
    IReadOnlyList<Difference> Differences,
    long Repaired,
    long Unrepairable,
    long Uncompared,
    long BytesMoved,
    IReadOnlyDictionary<string, long> BytesMovedByTier,
    string? Error)
{
    public static ReconciliationAnswer Of(ReconciliationRun run)
    {
        var report = ReconciliationReport.Of(run.Report);
        return new ReconciliationAnswer(
            run.Id,
            run.State == "waiting" ? "running" : run.State,
            run.State == "waiting",
            run.Trigger,
            run.Actor,
            run.Order.Tiers,
            run.Order.Deep,
            run.Order.Repair,
            run.RequestedAt,
            run.StartedAt ?? run.RequestedAt,
            run.FinishedAt,
            run.StartedAt is { } started ? (run.FinishedAt - started)?.TotalSeconds : null,
            run.IsOver ? 1 : run.Progress.Done,
            run.IsOver ? null : run.Progress.Step,
            report.Compared.Values.Sum(),
            report.Compared,
            report.Differences,
            report.Repaired,
            report.Unrepairable,
            report.Uncompared,
            report.BytesMoved.Values.Sum(),
            report.BytesMoved,
            run.Error);
    }
}

/// <summary>The runs, newest first.</summary>
internal sealed record ReconciliationList(IReadOnlyList<ReconciliationAnswer> Items);

/// <summary>The id by which a run is asked about.</summary>
internal sealed record ReconciliationAccepted(Guid Id);
