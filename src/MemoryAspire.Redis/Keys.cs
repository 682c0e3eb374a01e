using System.Globalization;
using MemoryAspire.Contracts.Identity;
using StackExchange.Redis;

namespace MemoryAspire.Redis;

/// <summary>The names of keys. The braces are Redis Cluster's hash tag: a partition's keys share a slot.</summary>
internal static class Keys
{
    public static RedisKey Memory(MemoryId id) => $"memory:{{{id.Partition}}}:{id}";

    /// <summary>What SCAN takes for the keys of all memories.</summary>
    public const string AnyMemory = "memory:*";

    /// <summary>The memory that a key names; null when it names none.</summary>
    public static MemoryId? MemoryOf(RedisKey key) =>
        key.ToString() is { Length: > 36 } text && MemoryId.TryParse(text[^36..], out var id) && Memory(id) == key ? id : null;

    public static RedisKey Intent(MemoryId id) => $"intent:{{{id.Partition}}}:{id}";

    public static RedisKey Control(Partition partition) => $"control:{{{partition}}}";

    public static RedisKey Starting(Partition partition) => $"starting:{{{partition}}}";

    /// <summary>The tenant's length tells where the name begins.</summary>
    public static RedisKey Session(string tenant, string name) =>
        $"session:{{{Partition.Of(tenant, name)}}}:{tenant.Length.ToString(CultureInfo.InvariantCulture)}:{tenant}:{name}";

    /// <summary>Where an expired session waits for its promotion when its name is given to another.</summary>
    public static RedisKey Aside(Partition partition, Guid id) => $"session-aside:{{{partition}}}:{id:N}";

    public static RedisKey Due(Partition partition) => $"session-due:{{{partition}}}";
}
