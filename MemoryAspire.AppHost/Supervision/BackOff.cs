namespace MemoryAspire.AppHost.Supervision;

/// <summary>How long to wait before a resource that died is started again: twice as long each time, until it has run for a while.</summary>
internal sealed class BackOff
{
    public static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(250);
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(15);
    public static readonly TimeSpan Steady = TimeSpan.FromSeconds(30);

    private TimeSpan next = Shortest;

    public TimeSpan AfterRunOf(TimeSpan ran)
    {
        if (ran >= Steady) next = Shortest;
        var wait = next;
        next = next * 2 < Longest ? next * 2 : Longest;
        return wait;
    }
}
