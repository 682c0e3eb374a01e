using System.Diagnostics.Metrics;

namespace MemoryAspire.Reconciler.Leading;

internal sealed class LeaderInstruments(IMeterFactory meters)
{
    private readonly Meter _meter = meters.Create("MemoryAspire.Reconciler");

    /// <param name="epoch">0 while another process leads.</param>
    public void Observe(Func<long> epoch) =>
        _meter.CreateObservableGauge("memory.reconciler.leader", epoch, description: "The epoch in which this process leads; 0 while it does not.");
}
