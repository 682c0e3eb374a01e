namespace MemoryAspire.Reconciliation.Values;

/// <summary>Spreads work over time, so that it takes a share of one core at most, whatever it works on.</summary>
/// <param name="share">0..1 of one core.</param>
public sealed class CpuBudget(double share, TimeProvider time)
{
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(1);

    private TimeSpan _used = Environment.CpuUsage.TotalTime;
    private long _at = time.GetTimestamp();

    /// <summary>After a step: waits until the time that has passed since the last one allows for what the process used in it.</summary>
    public async Task StepAsync(CancellationToken cancellationToken)
    {
        var used = Environment.CpuUsage.TotalTime;
        var pause = Pause(used - _used, time.GetElapsedTime(_at), share);
        if (pause > TimeSpan.Zero) await Task.Delay(pause, time, cancellationToken);
        (_used, _at) = (used, time.GetTimestamp());
    }

    /// <summary>How long to wait after a step. Pure.</summary>
    internal static TimeSpan Pause(TimeSpan used, TimeSpan passed, double share)
    {
        var pause = (used / share) - passed;
        return pause < TimeSpan.Zero ? TimeSpan.Zero : pause < PauseMax ? pause : PauseMax;
    }
}
