using MemoryAspire.Contracts.Identity;
using StackExchange.Redis;

namespace MemoryAspire.Redis;

/// <summary>The names of keys. The braces are Redis Cluster's hash tag: a partition's keys share a slot.</summary>
internal static class Keys
{
    public static RedisKey Memory(MemoryId id) => $"memory:{{{id.Partition}}}:{id}";

    public static RedisKey Intent(MemoryId id) => $"intent:{{{id.Partition}}}:{id}";

    public static RedisKey Control(Partition partition) => $"control:{{{partition}}}";

    public static RedisKey Starting(Partition partition) => $"starting:{{{partition}}}";
}
