using MemoryAspire.Contracts.Memories;

namespace MemoryAspire.Redis.Values;

/// <summary>How long a value may stay in Redis.</summary>
public static class ValueLife
{
    /// <summary>How long a value stays unless its memory expires earlier.</summary>
    public static readonly TimeSpan Max = TimeSpan.FromSeconds(3600);

    /// <summary>What is left for a value written now; nothing when the memory has expired.</summary>
    internal static TimeSpan Left(Memory memory, DateTimeOffset now)
    {
        if (memory.ExpiresAt is not { } expires) return Max;
        var left = expires - now;
        return left < Max ? left : Max;
    }

    /// <summary>Whole milliseconds, as the scripts take them.</summary>
    internal static long Milliseconds(TimeSpan span) => Math.Max(0, (long)span.TotalMilliseconds);
}
