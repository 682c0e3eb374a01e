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

/// <summary>Whether a cached value may answer a read. Pure.</summary>
internal static class ReadDecision
{
    /// <param name="intended">Whether an intent was on the memory, read before the value: a transaction is changing it.</param>
    public static bool Serves(
        ReadLevel level,
        Position atLeast,
        Incarnation incarnation,
        string tenant,
        DateTimeOffset now,
        PartitionControl? control,
        bool intended,
        CachedMemory? value) =>
        control is not null
        && value is not null
        && !intended
        && control.Incarnation == incarnation
        && value.Epoch == control.Epoch
        && value.Tenant == tenant
        && !(value.ExpiresAt <= now)
        && level switch
        {
            ReadLevel.Eventual => true,
            ReadLevel.Session => control.Applied >= atLeast,
            _ => false,
        };
}
