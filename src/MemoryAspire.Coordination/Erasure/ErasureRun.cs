using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Coordination.Database;
using MemoryAspire.Coordination.Participants;
using MemoryAspire.Postgres.Erasure;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace MemoryAspire.Coordination.Erasure;

/// <summary>
/// Carries an erasure on from wherever it stands: the log first, then Redis and the index, each when it can be reached. What is
/// done is on record, and every step may be repeated, so it does not matter who dies when.
/// </summary>
public sealed class ErasureRun(
    NpgsqlDataSource dataSource, Erasures erasures, LiveDatabase live, LogErasure log, RedisErasure redis, IndexErasure index, ILogger<ErasureRun> logger)
{
    /// <summary>As far as it goes now; null when somebody else is at it.</summary>
    /// <param name="seen">Told what was written.</param>
    /// <exception cref="NpgsqlException">PostgreSQL is away.</exception>
    public async Task<ErasureRecord?> AdvanceAsync(
        ErasureRecord known, Action<IEnumerable<KeyValuePair<Partition, Position>>> seen, CancellationToken cancellationToken)
    {
        await using var turn = await ErasureTurn.TryTakeAsync(dataSource, known.Id, cancellationToken);
        if (turn is null) return null;
        var erasure = await erasures.FindAsync(known.Tenant, known.Id, cancellationToken) ?? known;
        if (await live.ReadAsync(cancellationToken) is not { } database) return erasure;
        if (erasure.PostgresAt is null)
        {
            await log.RunAsync(erasure, database, seen, cancellationToken);
            erasure = await erasures.PostgresIsCleanAsync(erasure, cancellationToken);
        }

        // The heads from now on are beyond the deletions.
        database = await live.ReadAsync(cancellationToken) ?? database;
        if (erasure.RedisAt is null) erasure = await EraseFromRedisAsync(erasure, database, cancellationToken);
        if (erasure.IndexAt is null) erasure = await EraseFromIndexAsync(erasure, database, cancellationToken);
        return erasure;
    }

    private async Task<ErasureRecord> EraseFromRedisAsync(ErasureRecord erasure, DatabaseState database, CancellationToken cancellationToken)
    {
        try
        {
            var removed = await redis.RunAsync(erasure, database, cancellationToken);
            return await erasures.RedisIsCleanAsync(erasure, removed, cancellationToken);
        }
        catch (Exception exception) when (RedisParticipant.CannotServe(exception))
        {
            logger.ErasurePending(erasure.Id, "redis", exception.Message);
            return erasure;
        }
    }

    private async Task<ErasureRecord> EraseFromIndexAsync(ErasureRecord erasure, DatabaseState database, CancellationToken cancellationToken)
    {
        try
        {
            await index.RunAsync(erasure, database, cancellationToken);
            return await erasures.IndexIsCleanAsync(erasure, cancellationToken);
        }
        catch (Exception exception) when (IndexParticipant.CannotServe(exception) && !cancellationToken.IsCancellationRequested)
        {
            logger.ErasurePending(erasure.Id, "index", exception.Message);
            return erasure;
        }
    }
}
