using System.Diagnostics.Metrics;

namespace MemoryAspire.Reconciler.Leading;

/// <summary>What the leader does to memories at the end of their life; docs/telemetry.md lists it.</summary>
internal sealed class LifeInstruments
{
    private readonly Counter<long> _expired;

    public LifeInstruments(IMeterFactory meters)
    {
        var meter = meters.Create("MemoryAspire.Reconciler");
        _expired = meter.CreateCounter<long>("memory.expired", "{memory}", "Memories whose time was over and that got their event");
    }

    public void Expired(int memories) => _expired.Add(memories);
}
