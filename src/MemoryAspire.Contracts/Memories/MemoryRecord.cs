namespace MemoryAspire.Contracts.Memories;

/// <summary>A memory with what the stores keep beside it.</summary>
/// <param name="VectorVersion">The memory's version that brought its present vector; null without a vector.</param>
/// <param name="Digest">See <see cref="MemoryDigest"/>.</param>
public sealed record MemoryRecord(string Tenant, Memory Memory, long? VectorVersion, ulong Digest)
{
    /// <summary>Little-endian float32, as it was given or made; empty without a vector or when it was not read.</summary>
    public ReadOnlyMemory<byte> Vector { get; init; }
}
