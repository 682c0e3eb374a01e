using System.Diagnostics.Metrics;

namespace MemoryAspire.Reconciler.Leading;

/// <summary>What the leader does to memories at the end of their life; docs/telemetry.md lists it.</summary>
internal sealed class LifeInstruments
{
    private readonly Counter<long> _expired;
    private readonly Counter<long> _compacted;
    private readonly Counter<long> _keys;

    public LifeInstruments(IMeterFactory meters)
    {
        var meter = meters.Create("MemoryAspire.Reconciler");
        _expired = meter.CreateCounter<long>("memory.expired", "{memory}", "Memories whose time was over and that got their event");
        _compacted = meter.CreateCounter<long>("memory.retention.compacted", "{event}", "Events whose state retention took");
        _keys = meter.CreateCounter<long>("memory.retention.keys", "{key}", "Idempotency keys that were removed because of their age");
    }

    public void Expired(int memories) => _expired.Add(memories);

    public void Compacted(long events) => _compacted.Add(events);

    public void KeysRemoved(int keys) => _keys.Add(keys);
}
