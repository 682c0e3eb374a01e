using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.ServiceDefaults.Resilience;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace MemoryAspire.Postgres.Log;

/// <summary>A derived tier, brought up to the log by a <see cref="LogFollower"/>.</summary>
public interface ILogConsumer
{
    /// <summary>
    /// The model whose vectors come with the events; null when the tier needs none, or cannot take events yet.
    /// </summary>
    string? VectorsOf { get; }

    /// <summary>
    /// How far the tier has durably come in each of the 256 partitions. A tier that holds another database's
    /// positions, or is beyond the heads given, first drops what it has.
    /// </summary>
    Task<IReadOnlyList<Position>> ReadAppliedAsync(LogHeads heads, CancellationToken cancellationToken);

    /// <summary>
    /// Applies events: in order within a partition, without gaps after what was applied, and never a part of a transaction
    /// in a partition. Repeats are harmless.
    /// </summary>
    Task ApplyAsync(LogHeads heads, IReadOnlyList<MemoryEvent> events, CancellationToken cancellationToken);
}

/// <summary>
/// Keeps a tier applied to the log's heads: NOTIFY is the hint, the heads are the truth, a poll is the net.
/// Running it twice is harmless.
/// </summary>
public sealed class LogFollower(NpgsqlDataSource dataSource, EventLog log, TimeProvider time, ILogger<LogFollower> logger)
{
    /// <summary>At most so many events are in memory at a time, and the rest of the last one's transaction.</summary>
    public const int BatchMax = 500;

    /// <summary>How long a lost hint may cost.</summary>
    public static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a hint is left alone: the writer pushes its events itself at the same time, and what it has
    /// applied need not be read from the log.
    /// </summary>
    public static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// The same after a pass that had nothing to do, because pushes had done it all: a pass asks for 256 positions on both
    /// sides, however few of them moved.
    /// </summary>
    public static readonly TimeSpan Resting = TimeSpan.FromMilliseconds(250);

    /// <summary>Runs until cancelled. What is unreachable is tried again after the poll interval.</summary>
    /// <param name="isTransient">Whether a failure of the tier may pass by itself; any other ends the run.</param>
    /// <param name="caughtUp">Called whenever the tier has reached all heads.</param>
    public async Task RunAsync(ILogConsumer consumer, Func<Exception, bool> isTransient, Action caughtUp, CancellationToken cancellationToken)
    {
        await using var listener = new LogListener(dataSource, PollInterval, time, logger);
        while (true)
        {
            try
            {
                await listener.ListenAsync(cancellationToken);
                var needed = await CatchUpAsync(consumer, cancellationToken);
                caughtUp();
                await listener.WaitAsync(cancellationToken);
                await Task.Delay(needed ? Settling : Resting, time, cancellationToken);
            }
            catch (Exception exception) when (StoreFailures.IsPostgresAway(exception) || isTransient(exception))
            {
                logger.FollowingPaused(exception);
                await Task.Delay(PollInterval, time, cancellationToken);
            }
        }
    }

    /// <summary>One pass: everything up to the heads at its start is applied when it returns. False: it was already.</summary>
    public async Task<bool> CatchUpAsync(ILogConsumer consumer, CancellationToken cancellationToken)
    {
        var heads = await log.ReadHeadsAsync(cancellationToken);
        var applied = (await consumer.ReadAppliedAsync(heads, cancellationToken)).ToArray();
        var needed = false;
        while (true)
        {
            var behind = Partition.All
                .Where(partition => applied[partition.Value] < heads[partition])
                .Select(partition => KeyValuePair.Create(partition, applied[partition.Value]))
                .ToList();
            if (behind.Count == 0) return needed;
            needed = true;
            var events = await log.ReadAsync(behind, consumer.VectorsOf, BatchMax, cancellationToken);
            if (events.Count == 0) throw new InvalidOperationException($"The log of partition {behind[0].Key} lacks what follows position {behind[0].Value}.");
            await consumer.ApplyAsync(heads, events, cancellationToken);
            foreach (var @event in events) applied[@event.Partition.Value] = @event.Position;
        }
    }
}
