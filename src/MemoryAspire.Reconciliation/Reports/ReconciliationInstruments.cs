using System.Diagnostics.Metrics;

namespace MemoryAspire.Reconciliation.Reports;

/// <summary>What comparing the tiers finds, by a run or behind a read.</summary>
public sealed class ReconciliationInstruments
{
    private readonly Counter<long> _errors;
    private readonly Counter<long> _repaired;
    private readonly Counter<long> _unrepairable;
    private readonly Counter<long> _verified;
    private readonly Counter<long> _runs;
    private readonly Histogram<double> _duration;

    public ReconciliationInstruments(IMeterFactory meters)
    {
        var meter = meters.Create("MemoryAspire.Reconciliation");
        _errors = meter.CreateCounter<long>("memory.consistency.errors", description: "Differences found between a tier and the source of truth.");
        _repaired = meter.CreateCounter<long>("memory.reconciliation.repaired", "{difference}", "Differences that were repaired.");
        _unrepairable = meter.CreateCounter<long>("memory.reconciliation.unrepairable", "{difference}", "Differences that could not be repaired.");
        _verified = meter.CreateCounter<long>("memory.read_repair.verified", "{memory}", "Memories verified behind a read or a search.");
        _runs = meter.CreateCounter<long>("memory.reconciliation.runs", "{run}", "Comparisons of the tiers that are over.");
        _duration = meter.CreateHistogram<double>("memory.reconciliation.duration", "s", "From the beginning of a comparison of the tiers to its end.");

        // What was never found is worth seeing as 0, so that an alert has something to compare with.
        foreach (var (tier, kind) in Kinds.All) Found(tier, kind, 0);
    }

    public void Found(string tier, string kind, long count) => _errors.Add(count, new KeyValuePair<string, object?>("error_type", $"{tier}_{kind}"));

    public void Repaired(string tier, long count) => _repaired.Add(count, new KeyValuePair<string, object?>("tier", tier));

    public void Unrepairable(string tier, long count) => _unrepairable.Add(count, new KeyValuePair<string, object?>("tier", tier));

    public void Verified(string tier, long count) => _verified.Add(count, new KeyValuePair<string, object?>("tier", tier));

    public void RunOver(string state, TimeSpan duration)
    {
        _runs.Add(1, new KeyValuePair<string, object?>("state", state));
        _duration.Record(duration.TotalSeconds);
    }
}
