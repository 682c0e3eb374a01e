using System.Runtime.InteropServices;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Index.Events;
using MemoryAspire.Index.Searching;

namespace MemoryAspire.Index.Tests;

/// <summary>Short ways to say what tests need.</summary>
internal static class Events
{
    public static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static MemoryId Id(int number, byte partition = 0)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        MemoryMarshal.Write(bytes[9..], number);
        bytes[6] = 0x70;
        bytes[7] = partition;
        bytes[8] = 0x80;
        return MemoryId.Read(bytes);
    }

    public static IndexEvent Put(MemoryId id, long position, float[]? vector, long version = 1, string tenant = "t", Scope? scope = null, MemoryKind kind = MemoryKind.Episodic, long? expires = null, ulong digest = 1, long created = 1, long updated = 2) =>
        new(id.Partition, new Position(position), id, version, new IndexedState(
            tenant, scope ?? Scope.None, kind, 0.5, created, updated, expires, digest, vector is null ? default : MemoryMarshal.AsBytes(vector.AsSpan()).ToArray()));

    public static IndexEvent Gone(MemoryId id, long position, long version = 2) => new(id.Partition, new Position(position), id, version, null);

    public static SearchQuery Query(float[] vector, int k = 10, string tenant = "t", Scope? scope = null, params MemoryKind[] kinds) =>
        new(vector, k, tenant, scope ?? Scope.None, kinds);

    public static IEnumerable<MemoryId> Ids(this SearchResult result) => result.Hits.Select(hit => hit.Id);
}
