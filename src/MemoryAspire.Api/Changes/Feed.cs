using MemoryAspire.Contracts.Events;
using MemoryAspire.Postgres.Log;
using MemoryAspire.Postgres.Memories;
using MemoryAspire.ServiceDefaults.Resilience;

namespace MemoryAspire.Api.Changes;

/// <summary>
/// Sends a reader what follows its cursor, from the log, for as long as it listens. It reads only when the reader has
/// taken what was read before, so that a reader costs one batch of memory however far behind it is.
/// </summary>
internal sealed class Feed(
    TenantLog events, EventLog log, LogWatch watch, StorePipelines pipelines, FeedInstruments instruments, TimeProvider time, ILogger<Feed> logger)
{
    /// <summary>Events in memory at a time, per reader.</summary>
    private const int BatchMax = 100;

    /// <summary>Positions that one statement looks at, at most, in search of a batch.</summary>
    private const int WindowMax = 10_000;

    /// <summary>How long a reader waits before PostgreSQL is asked again.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Runs until cancelled, or until the log is no longer the one that the cursor came from.</summary>
    public async Task RunAsync(MemorySelection selection, FeedCursor cursor, FeedWriter writer, CancellationToken cancellationToken)
    {
        await writer.PulseAsync(cursor.Token, cancellationToken);
        LogHeads? known = null;
        while (true)
        {
            await SendRoundAsync(selection, cursor, writer, cancellationToken);
            known = await writer.PulsingAsync(watch.AfterAsync(known, cancellationToken), cursor.Token, cancellationToken);

            // The watch may have read its heads before the cursor's were read: only a second look can tell.
            if (!cursor.Fits(known) && !cursor.Fits(await writer.PulsingAsync(ReadAsync(log.ReadHeadsAsync, cancellationToken), cursor.Token, cancellationToken))) return;
            if (cursor.Fits(known)) cursor.Begin(known);
        }
    }

    private async Task SendRoundAsync(MemorySelection selection, FeedCursor cursor, FeedWriter writer, CancellationToken cancellationToken)
    {
        var window = BatchMax;
        while (cursor.Next(window) is { Count: > 0 } ranges)
        {
            var batch = await writer.PulsingAsync(
                ReadAsync(token => events.ReadAsync(selection, ranges, BatchMax, token), cancellationToken), cursor.Token, cancellationToken);
            await SendAsync(batch, ranges, cursor, writer, cancellationToken);

            // The fewer events are the reader's, the further one statement looks; what it looks at beyond a full batch is in vain.
            var full = batch.Count == BatchMax;
            window = full ? BatchMax : Math.Min(window * 2, WindowMax);
            if (!full) cursor.Pass(ranges);
        }
    }

    private async Task SendAsync(
        IReadOnlyList<MemoryEvent> batch, IReadOnlyList<LogRange> ranges, FeedCursor cursor, FeedWriter writer, CancellationToken cancellationToken)
    {
        foreach (var @event in batch)
        {
            cursor.Pass(ranges, @event);
            await writer.WriteAsync(@event, cursor.Token, cancellationToken);
        }

        await writer.FlushAsync(cancellationToken);
        instruments.Sent(batch.Count);
    }

    /// <summary>Reads from PostgreSQL, however long it is away.</summary>
    private async Task<T> ReadAsync<T>(Func<CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await pipelines.PostgresRead.ExecuteAsync(async token => await read(token), cancellationToken);
            }
            catch (Exception exception) when (StoreFailures.IsPostgresAway(exception))
            {
                logger.FeedPaused(exception);
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
    }
}
