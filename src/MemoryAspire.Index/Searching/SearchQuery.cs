using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Faiss.Graphs;

namespace MemoryAspire.Index.Searching;

/// <summary>The k nearest memories of a tenant, in a scope and of some kinds.</summary>
/// <param name="Vector">Any length but zero.</param>
/// <param name="Scope">Absent parts match everything of the tenant.</param>
/// <param name="Kinds">Empty: all.</param>
public sealed record SearchQuery(ReadOnlyMemory<float> Vector, int K, string Tenant, Scope Scope, IReadOnlyCollection<MemoryKind> Kinds)
{
    /// <summary>When a memory was created. Microseconds since 1970, as in all ranges of times.</summary>
    public TimeRange Created { get; init; } = TimeRange.Any;

    public TimeRange Updated { get; init; } = TimeRange.Any;

    /// <summary>What is less similar does not qualify; null: everything does.</summary>
    public float? LeastSimilarity { get; init; }

    /// <summary>Only these are compared, each of them; null: all that the rest names.</summary>
    public IReadOnlyList<MemoryId>? Ids { get; init; }
}

/// <summary>A memory found.</summary>
/// <param name="Similarity">Cosine, -1..1.</param>
public readonly record struct SearchHit(MemoryId Id, long Version, float Similarity);

/// <summary>How a search was done.</summary>
public enum SearchPath
{
    /// <summary>All qualifying memories compared.</summary>
    Scan = 0,

    /// <summary>The graph walked.</summary>
    Walk = 1,

    /// <summary>The graph walked in vain, then all compared.</summary>
    WalkThenScan = 2,
}

/// <param name="Hits">Best first.</param>
/// <param name="Exhausted">Every qualifying memory is among the hits.</param>
public sealed record SearchResult(IReadOnlyList<SearchHit> Hits, bool Exhausted, SearchPath Path)
{
    /// <summary>
    /// How far the partitions searched had come, at least as far as what was seen of them: the user's own, or all
    /// that have events.
    /// </summary>
    public IReadOnlyList<KeyValuePair<Partition, Position>> Seen { get; init; } = [];

    /// <summary>Of the ids that were asked for, those that are not here, be it without a vector.</summary>
    public IReadOnlyList<MemoryId> Unknown { get; init; } = [];
}
