namespace MemoryAspire.Reconciliation.Reports;

/// <summary>Counts what a run does, for its report and for the metrics. One thread at a time.</summary>
public sealed class Tally(ReconciliationInstruments instruments, ReconciliationReport soFar)
{
    private readonly SortedDictionary<string, long> _compared = new(soFar.Compared);
    private readonly SortedDictionary<string, long> _bytes = new(soFar.BytesMoved);
    private readonly Dictionary<(string Tier, string Kind), long> _differences = soFar.Differences.ToDictionary(one => (one.Tier, one.Kind), one => one.Count);
    private long _repaired = soFar.Repaired;
    private long _unrepairable = soFar.Unrepairable;
    private long _uncompared = soFar.Uncompared;

    public void Compared(string tier, long count) => _compared[tier] = _compared.GetValueOrDefault(tier) + count;

    public void Moved(string tier, long bytes) => _bytes[tier] = _bytes.GetValueOrDefault(tier) + bytes;

    public void Found(string tier, string kind, long count)
    {
        if (count == 0) return;
        _differences[(tier, kind)] = _differences.GetValueOrDefault((tier, kind)) + count;
        instruments.Found(tier, kind, count);
    }

    public void Repaired(string tier, long count)
    {
        _repaired += count;
        instruments.Repaired(tier, count);
    }

    public void Unrepairable(string tier, long count)
    {
        _unrepairable += count;
        instruments.Unrepairable(tier, count);
    }

    public void Uncompared(long count) => _uncompared += count;

    public ReconciliationReport Report => new(
        new(_compared),
        [.. _differences.Select(pair => new Difference(pair.Key.Tier, pair.Key.Kind, pair.Value)).OrderBy(one => one.Tier, StringComparer.Ordinal).ThenBy(one => one.Kind, StringComparer.Ordinal)],
        _repaired,
        _unrepairable,
        _uncompared,
        new(_bytes));
}
