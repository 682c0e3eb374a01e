using System.Buffers;
using System.IO.Pipelines;
using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Positions;

namespace MemoryAspire.Api.Changes;

/// <summary>A reader has not accepted in time what was sent.</summary>
internal sealed class SlowReaderException() : Exception("The reader has not taken what was sent in time.");

/// <summary>
/// Sends to one reader: as fast as it takes, never silent for longer than the heartbeat, and not at all to one that
/// takes too long.
/// </summary>
internal sealed class FeedWriter(PipeWriter body, FeedFormat format, FeedOptions options, TimeProvider time)
{
    /// <summary>Bytes that are gathered before a flush; a reader must take so many, and one event, within the time for it.</summary>
    private const int BytesMax = 32 * 1024;

    private readonly CountingWriter _output = new(body);
    private ConsistencyToken? _told;
    private long _flushedAt = time.GetTimestamp();

    public async Task WriteAsync(MemoryEvent @event, ConsistencyToken token, CancellationToken cancellationToken)
    {
        format.Write(_output, @event, token);
        _told = token;
        if (_output.Count >= BytesMax) await FlushAsync(cancellationToken);
    }

    /// <summary>Says that the feed is alive, and where to resume if that has changed.</summary>
    public async Task PulseAsync(ConsistencyToken token, CancellationToken cancellationToken)
    {
        format.WritePulse(_output, ReferenceEquals(token, _told) ? null : token);
        _told = token;
        await FlushAsync(cancellationToken);
    }

    /// <summary>Waits for something, with a pulse whenever the time for it has come.</summary>
    public async Task<T> PulsingAsync<T>(Task<T> something, ConsistencyToken token, CancellationToken cancellationToken)
    {
        while (true)
        {
            var left = options.Heartbeat - time.GetElapsedTime(_flushedAt);
            if (left <= TimeSpan.Zero)
            {
                await PulseAsync(token, cancellationToken);
                continue;
            }

            try
            {
                return await something.WaitAsync(left, time, cancellationToken);
            }
            catch (TimeoutException) when (!something.IsCompleted)
            {
                // Nothing yet: time for a pulse.
            }
        }
    }

    /// <exception cref="SlowReaderException">The reader did not take it in time.</exception>
    /// <exception cref="OperationCanceledException">The reader is gone.</exception>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (_output.Count == 0) return;
        _output.Count = 0;
        var flushing = body.FlushAsync(cancellationToken).AsTask();
        try
        {
            var flushed = await flushing.WaitAsync(options.FlushTimeout, time, cancellationToken);
            if (flushed.IsCompleted || flushed.IsCanceled) throw new OperationCanceledException("The reader is gone.");
        }
        catch (TimeoutException) when (!flushing.IsCompleted)
        {
            throw new SlowReaderException();
        }

        _flushedAt = time.GetTimestamp();
    }

    private sealed class CountingWriter(PipeWriter body) : IBufferWriter<byte>
    {
        public int Count { get; set; }

        public void Advance(int count)
        {
            body.Advance(count);
            Count += count;
        }

        public Memory<byte> GetMemory(int sizeHint = 0) => body.GetMemory(sizeHint);

        public Span<byte> GetSpan(int sizeHint = 0) => body.GetSpan(sizeHint);
    }
}
