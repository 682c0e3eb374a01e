using System.Diagnostics.Metrics;

namespace MemoryAspire.Coordination.Groups;

/// <summary>What is measured of group commit; docs/telemetry.md lists it.</summary>
internal sealed class GroupInstruments
{
    private readonly Meter _meter;
    private readonly Histogram<int> _size;
    private readonly Histogram<double> _waited;
    private readonly Histogram<double> _duration;
    private readonly TimeProvider _time;

    public GroupInstruments(IMeterFactory meters, TimeProvider time)
    {
        _time = time;
        _meter = meters.Create("MemoryAspire.Coordination");
        _size = _meter.CreateHistogram<int>("memory.group.size", "{transaction}", "Transactions that shared a commit");
        _waited = _meter.CreateHistogram<double>("memory.group.wait", "s", "How long a transaction waited for its group");
        _duration = _meter.CreateHistogram<double>("memory.group.duration", "s", "From the first lock of a group to its COMMIT");
    }

    public void ObserveWaiting(Func<int> waiting) =>
        _meter.CreateObservableGauge("memory.group.waiting", waiting, "{operation}", "Operations that wait for a group");

    public void Gathered(List<PendingWrite> group)
    {
        _size.Record(group.Count);
        foreach (var write in group) _waited.Record(_time.GetElapsedTime(write.Since).TotalSeconds);
    }

    public long Begin() => _time.GetTimestamp();

    public void Decided(long begun) => _duration.Record(_time.GetElapsedTime(begun).TotalSeconds);
}
