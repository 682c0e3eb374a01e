namespace MemoryAspire.IndexService.Repairing;

/// <summary>
/// Remembers the latest leader that called, so that one that lost its leadership and does not know it yet changes nothing. A
/// repair would be right even so: it carries what the record is at a position, and is refused at any other.
/// </summary>
internal sealed class RepairEpochs
{
    private long _latest;

    /// <summary>False when a later leader has called; 0 is somebody who does not claim to lead.</summary>
    public bool Admit(long epoch)
    {
        if (epoch == 0) return true;
        for (var latest = Volatile.Read(ref _latest); epoch > latest;)
        {
            var seen = Interlocked.CompareExchange(ref _latest, epoch, latest);
            if (seen == latest) return true;
            latest = seen;
        }

        return epoch == Volatile.Read(ref _latest);
    }
}
