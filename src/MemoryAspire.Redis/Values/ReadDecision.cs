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
    public static bool Serves(
        ReadLevel level, Position atLeast, Incarnation incarnation, string tenant, DateTimeOffset now, PartitionControl? control, CachedMemory? value) =>
        control is not null
        && value is not null
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
