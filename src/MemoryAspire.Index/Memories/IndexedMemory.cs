namespace MemoryAspire.Index.Memories;

/// <summary>
/// What the index keeps of a memory beside its row. Texts are numbers of <see cref="TextNumbers"/>; times are
/// microseconds since 1970.
/// </summary>
internal record struct IndexedMemory
{
    /// <summary>Says that a memory has no vector.</summary>
    public const int None = -1;

    public long Version;
    public ulong Digest;
    public uint Tenant, User, Agent, Session;
    public byte Kind;
    public double Importance;
    public long CreatedAt, UpdatedAt;

    /// <summary><see cref="long.MaxValue"/>: never.</summary>
    public long ExpiresAt;

    /// <summary>The node of its vector, and its row; <see cref="None"/> without a vector.</summary>
    public int Node, Row;
}

/// <summary>How far a partition has come, how many memories it holds, and the XOR of their digests.</summary>
public readonly record struct PartitionState(Contracts.Positions.Position Applied, long Count, ulong Digest);
