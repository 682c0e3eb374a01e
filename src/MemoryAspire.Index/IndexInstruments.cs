using System.Diagnostics.Metrics;
using MemoryAspire.Index.Searching;

namespace MemoryAspire.Index;

/// <summary>What an index measures.</summary>
internal sealed class IndexInstruments
{
    public const string MeterName = "MemoryAspire.Index";

    private readonly Histogram<double> _searches;

    public IndexInstruments(IMeterFactory meters, Func<long> vectors)
    {
        var meter = meters.Create(MeterName);
        meter.CreateObservableGauge("faiss_index_size", vectors, "{vector}", "Vectors that can be found.");
        _searches = meter.CreateHistogram<double>("memory.index.search.duration", "s", "Time in the engine, by how the search was done.");
    }

    public void Searched(SearchPath path, TimeSpan duration) =>
        _searches.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("path", path switch
        {
            SearchPath.Scan => "scan",
            SearchPath.Walk => "walk",
            _ => "walk_then_scan",
        }));
}
