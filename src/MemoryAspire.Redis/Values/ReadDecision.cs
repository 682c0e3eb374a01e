using MemoryAspire.Contracts.Positions;
using MemoryAspire.Redis.Control;

namespace MemoryAspire.Redis.Values;

/// <summary>How fresh a read must be.</summary>
public enum ReadLevel
{
    /// <summary>What is cached will do.</summary>
    Eventual,

    /// <summary>At least what the request's token saw.</summary>
    Session,

    /// <summary>PostgreSQL answers.</summary>
    Strong,
}

/// <summary>Why Redis answers a read, or why not.</summary>
public enum ReadVerdict
{
    /// <summary>Its value answers.</summary>
    Served,

    /// <summary>It has no value that counts.</summary>
    Absent,

    /// <summary>A transaction is changing the memory.</summary>
    Intended,

    /// <summary>It has not come to what the token has seen.</summary>
    Behind,

    /// <summary>The partition has no epoch of this database: nothing in it is trusted.</summary>
    NoEpoch,

    /// <summary>The level leaves it out.</summary>
    Unasked,
}

/// <summary>What Redis says to a read.</summary>
/// <param name="Memory">The value, when it answers.</param>
/// <param name="Applied">What had been applied to the partition before the value was read: the value has at least that.</param>
public readonly record struct RedisRead(ReadVerdict Verdict, CachedMemory? Memory, Position Applied);

/// <summary>Whether a cached value may answer a read. Pure.</summary>
internal static class ReadDecision
{
    /// <param name="intended">Whether an intent was on the memory, read before the value: a transaction is changing it.</param>
    public static ReadVerdict Of(
        ReadLevel level,
        Position atLeast,
        Incarnation incarnation,
        string tenant,
        DateTimeOffset now,
        PartitionControl? control,
        bool intended,
        CachedMemory? value)
    {
        if (level == ReadLevel.Strong) return ReadVerdict.Unasked;
        if (control is null || control.Incarnation != incarnation) return ReadVerdict.NoEpoch;
        if (level == ReadLevel.Session && control.Applied < atLeast) return ReadVerdict.Behind;
        if (intended) return ReadVerdict.Intended;
        return value is not null && value.Epoch == control.Epoch && value.Tenant == tenant && !(value.ExpiresAt <= now)
            ? ReadVerdict.Served
            : ReadVerdict.Absent;
    }
}
