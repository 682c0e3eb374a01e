namespace MemoryAspire.Contracts.Memories;

/// <summary>Times as PostgreSQL keeps them: whole microseconds since 1970-01-01 UTC.</summary>
public static class Microseconds
{
    private const long TicksEach = TimeSpan.TicksPerMicrosecond;

    public static long From(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TicksEach;

    public static DateTimeOffset ToTime(long microseconds) => DateTimeOffset.UnixEpoch.AddTicks(microseconds * TicksEach);

    /// <summary>The time, cut to the microsecond, in UTC.</summary>
    public static DateTimeOffset Cut(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % TicksEach), TimeSpan.Zero);
}
