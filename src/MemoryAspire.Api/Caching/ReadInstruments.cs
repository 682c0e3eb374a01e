using System.Diagnostics.Metrics;
using MemoryAspire.Redis.Values;

namespace MemoryAspire.Api.Caching;

/// <summary>What is measured of reads by id and of the layers that answer them; docs/telemetry.md lists it.</summary>
internal sealed class ReadInstruments
{
    private readonly Counter<long> _lookups;
    private readonly Counter<long> _fills;
    private readonly Counter<long> _evictions;

    public ReadInstruments(IMeterFactory meters)
    {
        var meter = meters.Create("MemoryAspire.Api");
        _lookups = meter.CreateCounter<long>("memory.cache.lookups", "{lookup}", "Memories asked for by id, per layer, and what came of it.");
        _fills = meter.CreateCounter<long>("memory.cache.fills", "{fill}", "Memories offered to a layer, and what came of it.");
        _evictions = meter.CreateCounter<long>("memory.cache.evictions", "{memory}", "Memories that a layer threw out because it was full.");
    }

    public void LookedUp(string layer, string result) =>
        _lookups.Add(1, new KeyValuePair<string, object?>("layer", layer), new KeyValuePair<string, object?>("result", result));

    public void LookedUp(ReadVerdict verdict) => LookedUp("redis", verdict switch
    {
        ReadVerdict.Served => "hit",
        ReadVerdict.Intended => "intent",
        ReadVerdict.Behind => "behind",
        ReadVerdict.NoEpoch => "no_epoch",
        _ => "miss",
    });

    public void Filled(string layer, string result) =>
        _fills.Add(1, new KeyValuePair<string, object?>("layer", layer), new KeyValuePair<string, object?>("result", result));

    public void Evicted() => _evictions.Add(1, new KeyValuePair<string, object?>("layer", "memory"));
}
