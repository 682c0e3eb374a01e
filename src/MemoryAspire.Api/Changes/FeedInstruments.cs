using System.Diagnostics.Metrics;

namespace MemoryAspire.Api.Changes;

/// <summary>What the change feed measures; docs/telemetry.md lists it.</summary>
internal sealed class FeedInstruments
{
    private readonly UpDownCounter<int> _readers;
    private readonly Counter<long> _events;
    private readonly Counter<long> _cutOff;

    public FeedInstruments(IMeterFactory meters)
    {
        var meter = meters.Create("MemoryAspire.Api");
        _readers = meter.CreateUpDownCounter<int>("memory.feed.readers", "{reader}", "Connections that follow the change feed now.");
        _events = meter.CreateCounter<long>("memory.feed.events", "{event}", "Events sent to readers.");
        _cutOff = meter.CreateCounter<long>("memory.feed.cut_off", "{reader}", "Readers that were cut off because they took too long.");
    }

    public void Came() => _readers.Add(1);

    public void Left() => _readers.Add(-1);

    public void Sent(int events) => _events.Add(events);

    public void CutOff() => _cutOff.Add(1);
}
