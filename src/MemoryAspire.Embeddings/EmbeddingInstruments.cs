using System.Diagnostics.Metrics;

namespace MemoryAspire.Embeddings;

/// <summary>The metrics of this project; docs/telemetry.md lists them.</summary>
internal sealed class EmbeddingInstruments
{
    private readonly Counter<long> _lookups;
    private readonly Counter<long> _texts;
    private readonly Counter<long> _failures;

    public EmbeddingInstruments(IMeterFactory meters)
    {
        var meter = meters.Create("MemoryAspire.Embeddings");
        _lookups = meter.CreateCounter<long>("memory.embedding.cache.lookups", "{text}", "Texts whose vectors were looked up, by result.");
        _texts = meter.CreateCounter<long>("memory.embedding.provider.texts", "{text}", "Texts that the provider made vectors of.");
        _failures = meter.CreateCounter<long>("memory.embedding.provider.failures", "{request}", "Requests that the provider failed.");
    }

    public void LookedUp(int hits, int misses)
    {
        _lookups.Add(hits, new KeyValuePair<string, object?>("result", "hit"));
        _lookups.Add(misses, new KeyValuePair<string, object?>("result", "miss"));
    }

    public void Asked(int texts) => _texts.Add(texts);

    public void Failed() => _failures.Add(1);
}
