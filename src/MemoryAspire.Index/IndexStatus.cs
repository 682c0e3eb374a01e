using MemoryAspire.Index.Memories;

namespace MemoryAspire.Index;

/// <summary>What an index holds. Without an identity it holds nothing yet.</summary>
/// <param name="Partitions">256, in order.</param>
public sealed record IndexStatus(IndexIdentity? Identity, bool Loaded, IReadOnlyList<PartitionState> Partitions, long Memories, long Vectors);

/// <summary>What an index holds of one memory.</summary>
public readonly record struct IndexedEntry(long Version, ulong Digest, bool HasVector);

/// <summary>A call named another database or generation than the index holds.</summary>
public sealed class IndexIdentityException(string message) : InvalidOperationException(message);
