using MemoryAspire.TestServices;

namespace MemoryAspire.Bench.Processes;

/// <summary>Waits until the tiers are in step and the services idle: what one round left must not burden the next.</summary>
internal sealed class Settling(ServiceStack stack, HttpClient client)
{
    private static readonly TimeSpan SettledMax = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    /// <summary>Of one processor.</summary>
    private const double IdleShare = 0.15;

    /// <summary>How long it took; null when it did not come to that.</summary>
    public async Task<TimeSpan?> WaitAsync(CancellationToken cancellationToken)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(begun) < SettledMax)
        {
            var before = Used();
            await Task.Delay(Look, TimeProvider.System, cancellationToken);
            var share = (Used() - before) / Look;
            if (share < IdleShare && await ServiceStack.BehindAsync(client, cancellationToken) is (0, 0)) return TimeProvider.System.GetElapsedTime(begun);
        }

        return null;
    }

    private TimeSpan Used() => CpuTimes.Read(stack).Where(part => part.Key != CpuTimes.Load).Aggregate(TimeSpan.Zero, (sum, part) => sum + part.Value);
}
