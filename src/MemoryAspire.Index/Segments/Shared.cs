namespace MemoryAspire.Index.Segments;

/// <summary>
/// Something native that searches use while the writer may replace it: it is freed when the last of them has
/// given it back. The maker holds the first share.
/// </summary>
internal abstract class Shared
{
    private int _shares = 1;

    /// <summary>Takes a share; false when it is already gone.</summary>
    public bool TryTake()
    {
        for (var shares = Volatile.Read(ref _shares); shares > 0;)
        {
            var seen = Interlocked.CompareExchange(ref _shares, shares + 1, shares);
            if (seen == shares) return true;
            shares = seen;
        }

        return false;
    }

    public void GiveBack()
    {
        if (Interlocked.Decrement(ref _shares) == 0) Free();
    }

    protected abstract void Free();
}
