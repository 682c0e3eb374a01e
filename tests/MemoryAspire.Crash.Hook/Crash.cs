namespace MemoryAspire.Crash.Hook;

/// <summary>
/// One crash. Whoever takes the step waits until the victim and its children are gone, so that nothing is left to chance:
/// a PostgreSQL whose postmaster dies alone would go on for a moment.
/// </summary>
internal sealed class Crash(string step, int count, int victim)
{
    private static readonly TimeSpan GoneMax = TimeSpan.FromSeconds(10);

    private int _reached;

    public void Reached(string taken)
    {
        if (taken != step || Interlocked.Increment(ref _reached) != count) return;
        // The parent first: it would start anew what it lost.
        int[] doomed = [victim, .. ProcessTable.ChildrenOf(victim)];
        foreach (var process in doomed) Kill.Send(process);
        var begun = TimeProvider.System.GetTimestamp();
        while (doomed.Any(ProcessTable.Runs) && TimeProvider.System.GetElapsedTime(begun) < GoneMax) Thread.Yield();
    }
}
