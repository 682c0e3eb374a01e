using MemoryAspire.Api.Problems;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Coordination.Database;
using MemoryAspire.Embeddings;
using MemoryAspire.Postgres.Log;
using MemoryAspire.Postgres.Schema;
using MemoryAspire.ServiceDefaults.Resilience;

namespace MemoryAspire.Api.Database;

/// <summary>
/// Knows which database this is, how far its log has come at least, and which generation is live; keeps knowing
/// it while PostgreSQL is away.
/// </summary>
internal sealed class DatabaseWatch(
    SchemaGate gate,
    Generations generations,
    EventLog log,
    EmbeddingModel model,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<DatabaseWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly long[] _noted = new long[Partition.Count];
    private volatile DatabaseState? _state;

    /// <summary>The state as last read.</summary>
    /// <exception cref="Refusal">503: PostgreSQL has not been reached since this process started.</exception>
    public DatabaseState Current => _state ?? throw Refusal.Unavailable("The database has not been reached yet.");

    public DatabaseState? CurrentOrNull => _state;

    /// <summary>Takes note of a position that was met outside of the regular reading.</summary>
    public void Note(Partition partition, Position position)
    {
        var noted = Volatile.Read(ref _noted[partition.Value]);
        while (noted < position.Value)
        {
            var before = Interlocked.CompareExchange(ref _noted[partition.Value], position.Value, noted);
            if (before == noted) return;
            noted = before;
        }
    }

    /// <summary>Whether the log is known to reach what a token has seen.</summary>
    public bool Reaches(ConsistencyToken token) =>
        token.Positions.All(seen => seen.Value.Value <= Volatile.Read(ref _noted[seen.Key.Value]));

    /// <summary>Reads the heads anew.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        var generation = _state?.Generation ?? throw Refusal.Unavailable("The database has not been reached yet.");
        Publish(await log.ReadHeadsAsync(cancellationToken), generation);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await gate.Opened.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            try
            {
                var generation = _state?.Generation ?? await generations.EnsureLiveAsync(model.Name, model.Dimension, stoppingToken);
                if (generation.Model != model.Name || generation.Dimension != model.Dimension)
                {
                    logger.OtherModel(generation.Model, generation.Dimension, model.Name, model.Dimension);
                    Environment.ExitCode = 1;
                    lifetime.StopApplication();
                    return;
                }

                Publish(await log.ReadHeadsAsync(stoppingToken), generation);
            }
            catch (Exception exception) when (StoreFailures.IsPostgresAway(exception))
            {
                logger.DatabaseAway(exception.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private void Publish(LogHeads heads, Generation generation)
    {
        // Another database's positions mean nothing in this one.
        if (_state is { } before && before.Incarnation != heads.Incarnation) Array.Clear(_noted);
        foreach (var partition in Partition.All) Note(partition, heads[partition]);
        _state = new DatabaseState(heads, generation);
    }
}

internal static class DatabaseWatchRegistration
{
    extension(IHostApplicationBuilder builder)
    {
        public void AddDatabaseWatch() => builder.Services
            .AddSingleton<DatabaseWatch>()
            .AddHostedService(services => services.GetRequiredService<DatabaseWatch>());
    }
}
