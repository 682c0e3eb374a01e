using MemoryAspire.Api.Problems;
using MemoryAspire.Postgres.Log;
using Microsoft.Extensions.Options;

namespace MemoryAspire.Api.Changes;

/// <summary>Counts who follows the feed in this process, and keeps the log watched for them.</summary>
internal sealed class FeedReaders(LogWatch watch, FeedInstruments instruments, IOptions<FeedOptions> options)
{
    private readonly FeedInstruments _instruments = instruments;
    private int _count;

    /// <summary>A place among the readers, until it is disposed.</summary>
    /// <exception cref="Refusal">503: all places are taken.</exception>
    public IDisposable Enter()
    {
        if (Interlocked.Increment(ref _count) > options.Value.ReadersMax)
        {
            Interlocked.Decrement(ref _count);
            throw Refusal.Unavailable("As many readers follow the feed here as may: try again.");
        }

        _instruments.Came();
        return new Place(this, watch.Join());
    }

    private sealed class Place(FeedReaders readers, IDisposable watching) : IDisposable
    {
        public void Dispose()
        {
            watching.Dispose();
            Interlocked.Decrement(ref readers._count);
            readers._instruments.Left();
        }
    }
}
