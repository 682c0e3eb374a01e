using MemoryAspire.Postgres.Schema;
using MemoryAspire.ServiceDefaults.Resilience;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace MemoryAspire.Postgres.Log;

/// <summary>
/// Tells any number of readers in this process that the log grew, by one connection that listens and one reading of
/// the heads for all of them. It rests while nobody has joined.
/// </summary>
public sealed class LogWatch(NpgsqlDataSource dataSource, EventLog log, SchemaGate gate, TimeProvider time, ILogger<LogWatch> logger) : BackgroundService
{
    /// <summary>The heads are read this often at most: under load one reading announces many commits.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly SemaphoreSlim _joined = new(0);
    private int _readers;
    private volatile LogHeads? _latest;
    private volatile TaskCompletionSource _read = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Keeps the watch going until disposed.</summary>
    public IDisposable Join()
    {
        if (Interlocked.Increment(ref _readers) == 1) _joined.Release();
        return new Membership(this);
    }

    /// <summary>
    /// The heads as of a reading after the one known; null knows none. A reading is announced once a second also when
    /// nothing happened, and not at all while PostgreSQL is away.
    /// </summary>
    public async Task<LogHeads> AfterAsync(LogHeads? known, CancellationToken cancellationToken)
    {
        while (true)
        {
            // Taken before looking, so that a reading in between is not missed.
            var next = _read.Task;
            if (_latest is { } latest && !ReferenceEquals(latest, known)) return latest;
            await next.WaitAsync(cancellationToken);
        }
    }

    public override void Dispose()
    {
        _joined.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await gate.Opened.WaitAsync(stoppingToken);
        while (true)
        {
            await _joined.WaitAsync(stoppingToken);
            await using var listener = new LogListener(dataSource, LogFollower.PollInterval, time, logger);
            while (Volatile.Read(ref _readers) > 0) await WatchAsync(listener, stoppingToken);
            _latest = null;
        }
    }

    private async Task WatchAsync(LogListener listener, CancellationToken cancellationToken)
    {
        try
        {
            await listener.ListenAsync(cancellationToken);
            Announce(await log.ReadHeadsAsync(cancellationToken));
            await Task.Delay(Pause, time, cancellationToken);
            await listener.WaitAsync(cancellationToken);
        }
        catch (Exception exception) when (StoreFailures.IsPostgresAway(exception))
        {
            logger.FollowingPaused(exception);
            await Task.Delay(LogFollower.PollInterval, time, cancellationToken);
        }
    }

    private void Announce(LogHeads heads)
    {
        _latest = heads;
        var waiting = _read;
        _read = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        waiting.SetResult();
    }

    private sealed class Membership(LogWatch watch) : IDisposable
    {
        private LogWatch? _watch = watch;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _watch, null) is { } left) Interlocked.Decrement(ref left._readers);
        }
    }
}
