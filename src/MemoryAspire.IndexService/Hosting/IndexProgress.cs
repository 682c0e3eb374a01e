using MemoryAspire.Index;

namespace MemoryAspire.IndexService.Hosting;

/// <summary>How far the index is from serving everything.</summary>
internal enum IndexState
{
    /// <summary>Nothing can be searched yet.</summary>
    Loading = 0,

    /// <summary>What is there can be searched; the log has more, or cannot be read.</summary>
    CatchingUp = 1,

    Ready = 2,
}

/// <summary>Knows when the log was last followed to its end.</summary>
internal sealed class IndexProgress(SemanticIndex index, TimeProvider time)
{
    /// <summary>The log is polled every second: this long without its end means that something is wrong.</summary>
    private static readonly TimeSpan SinceMax = TimeSpan.FromSeconds(10);

    private long _caughtUpAt;

    public IndexState State
    {
        get
        {
            if (!index.IsLoaded) return IndexState.Loading;
            var at = Interlocked.Read(ref _caughtUpAt);
            return at != 0 && time.GetElapsedTime(at) <= SinceMax ? IndexState.Ready : IndexState.CatchingUp;
        }
    }

    /// <summary>True when this is the first time.</summary>
    public bool CaughtUp() => Interlocked.Exchange(ref _caughtUpAt, time.GetTimestamp()) == 0;
}
