using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Redis.Values;

namespace MemoryAspire.Api.Caching.Hot;

/// <summary>A memory as this process holds it: the public JSON, ready to be sent.</summary>
/// <param name="Position">The position of the event that made this state.</param>
/// <param name="Seen">What a reader of it has seen.</param>
internal sealed record HotMemory(
    string Tenant,
    MemoryId Id,
    long Version,
    Position Position,
    IReadOnlyList<KeyValuePair<Partition, Position>> Seen,
    DateTimeOffset? ExpiresAt,
    ReadOnlyMemory<byte> Json)
{
    /// <summary>What an entry costs beside its JSON, about.</summary>
    private const int Overhead = 600;

    /// <summary>The number under which its partition held entries when it came; with another one it does not count.</summary>
    public long Generation { get; init; }

    public long Bytes => Json.Length + Overhead;

    public static HotMemory Of(MemoryId id, CachedMemory held) =>
        new(held.Tenant, id, held.Version, held.Position, [.. held.SeenIn(id.Partition)], held.ExpiresAt, held.Json);
}
