using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Index;

namespace MemoryAspire.IndexService.Protocol;

/// <summary>Waits until the index has come to several positions.</summary>
internal static class PositionWait
{
    /// <summary>Nobody waits longer, whatever is asked.</summary>
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(60);

    /// <summary>False when the time is over first.</summary>
    public static async Task<bool> ForAsync(
        this SemanticIndex index, IEnumerable<KeyValuePair<Partition, Position>> positions, uint milliseconds, TimeProvider time, CancellationToken cancellationToken)
    {
        var wait = TimeSpan.FromMilliseconds(milliseconds);
        if (wait > WaitMax) wait = WaitMax;
        var begun = time.GetTimestamp();
        foreach (var (partition, position) in positions)
        {
            if (!await index.WaitAsync(partition, position, wait - time.GetElapsedTime(begun), cancellationToken)) return false;
        }

        return true;
    }
}
