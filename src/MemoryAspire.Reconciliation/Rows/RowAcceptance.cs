using MemoryAspire.Contracts.Identity;
using MemoryAspire.Coordination;
using MemoryAspire.Coordination.Database;
using MemoryAspire.Postgres.Conflicts;
using MemoryAspire.Postgres.Leadership;
using MemoryAspire.Postgres.Log;
using MemoryAspire.Postgres.Memories;
using MemoryAspire.Postgres.Rebuild;
using MemoryAspire.Postgres.Reconciliation;
using MemoryAspire.Postgres.Schema;
using MemoryAspire.Postgres.Writes;
using Npgsql;

namespace MemoryAspire.Reconciliation.Rows;

/// <summary>Makes the vector of a text, of the live model; empty when it has none.</summary>
public delegate Task<ReadOnlyMemory<byte>> Embed(string text, CancellationToken cancellationToken);

/// <summary>
/// Makes rows that were changed by hand the next versions of their memories, by transactions like any other. First the columns
/// that nobody sees get what the log says, so that the version follows on the log's; then the coordinator writes the
/// row as it stands. A crash between the two leaves a row that still differs and is accepted again.
/// </summary>
public sealed class RowAcceptance(
    NpgsqlDataSource dataSource, RowStates rows, MemoryRebuild rebuild, MemoryCoordinator coordinator, EventLog log, Generations generations, Embed embed, TimeProvider time)
{
    private const string Actor = "reconciler";

    /// <summary>How many of the differences are gone.</summary>
    public async Task<int> RunAsync(PartitionRebuild found, LeaderTerm term, CancellationToken cancellationToken)
    {
        if (await generations.ReadLiveAsync(cancellationToken) is not { } generation) return 0;
        var database = new DatabaseState(await log.ReadHeadsAsync(cancellationToken), generation);
        var accepted = 0;
        foreach (var id in found.Replaced) accepted += await AcceptChangeAsync(id, database, term, cancellationToken) ? 1 : 0;
        foreach (var id in found.Removed) accepted += await AcceptNewAsync(id, database, term, cancellationToken) ? 1 : 0;

        // What is not accepted must not be lost to a rebuild; without one, rows that were deleted stay so and are found again.
        if (accepted < found.Replaced.Count + found.Removed.Count) return accepted;
        await rebuild.RunAsync(found.Partition, term.EnsureAsync, cancellationToken);
        foreach (var id in found.Added) accepted += await AcceptDeletionAsync(id, database, cancellationToken) ? 1 : 0;
        return accepted;
    }

    private async Task<bool> AcceptChangeAsync(MemoryId id, DatabaseState database, LeaderTerm term, CancellationToken cancellationToken)
    {
        if (await RestoreBookkeepingAsync(id, term, cancellationToken) is not { } logged || await ReadAsync(id, database, cancellationToken) is not { } row) return false;
        var memory = row.Record.Memory;
        ReadOnlyMemory<byte>? vector = memory.Content == logged ? null : await embed(memory.Content, cancellationToken);
        return await CommitAsync(row.Record.Tenant, database, new WriteOperation.Update(id, new MemoryPatch(), memory.Version, Vector: vector), cancellationToken);
    }

    private async Task<bool> AcceptNewAsync(MemoryId id, DatabaseState database, LeaderTerm term, CancellationToken cancellationToken)
    {
        await EnsureAsync(term, cancellationToken);
        if (await ReadAsync(id, database, cancellationToken) is not { } row) return true;
        var memory = row.Record.Memory;
        var vector = await embed(memory.Content, cancellationToken);
        var create = new WriteOperation.Create(id, memory.Content, memory.Kind, memory.Scope, memory.Metadata, memory.Importance, memory.ExpiresAt, vector);
        return await CommitAsync(row.Record.Tenant, database, create, cancellationToken);
    }

    private async Task<bool> AcceptDeletionAsync(MemoryId id, DatabaseState database, CancellationToken cancellationToken) =>
        await ReadAsync(id, database, cancellationToken) is not { } row
        || await CommitAsync(row.Record.Tenant, database, new WriteOperation.Delete(id, row.Record.Memory.Version), cancellationToken);

    private async Task<StoredMemory?> ReadAsync(MemoryId id, DatabaseState database, CancellationToken cancellationToken) =>
        (await rows.ReadAsync(id.Partition, [id], database.Generation.Model, cancellationToken)).Rows.GetValueOrDefault(id);

    private async Task<bool> CommitAsync(string tenant, DatabaseState database, WriteOperation operation, CancellationToken cancellationToken)
    {
        var transaction = coordinator.Begin(Guid.CreateVersion7(time.GetUtcNow()), tenant, Actor, database);
        transaction.Stage(operation);
        try
        {
            return (await transaction.CommitAsync(cancellationToken)).Outcome is WriteOutcome.Committed;
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            // The log has had a memory of this id.
            return false;
        }
    }

    /// <summary>
    /// Gives a row everything but its content, kind, metadata, importance and expiry from its last event; returns the content that
    /// the event has. Null when the memory is gone by now.
    /// </summary>
    private async Task<string?> RestoreBookkeepingAsync(MemoryId id, LeaderTerm term, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await term.EnsureAsync(transaction, cancellationToken);
        await using var batch = new NpgsqlBatch(connection, transaction)
        {
            BatchCommands =
            {
                new("select 1 from partition_heads where partition = $1 for update") { Parameters = { new() { Value = (short)id.Partition.Value } } },
                new(
                    """
                    update memories m set tenant = e.tenant, "user" = e."user", agent = e.agent, session = e.session, version = e.version,
                        vector_version = e.vector_version, position = e.position, digest = e.digest, created_at = e.created_at,
                        updated_at = e.updated_at, span_partitions = e.span_partitions, span_positions = e.span_positions
                    from (select * from memory_events where partition = $1 and memory_id = $2 order by version desc limit 1) e
                    where m.partition = $1 and m.id = $2 and e.type in ('created', 'updated')
                    returning e.content
                    """)
                {
                    Parameters = { new() { Value = (short)id.Partition.Value }, new() { Value = id.Value } },
                },
            },
        };
        string? content = null;
        await using (var reader = await batch.ExecuteReaderAsync(cancellationToken))
        {
            await reader.NextResultAsync(cancellationToken);
            if (await reader.ReadAsync(cancellationToken)) content = reader.GetString(0);
        }

        await transaction.CommitAsync(cancellationToken);
        return content;
    }

    private async Task EnsureAsync(LeaderTerm term, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await term.EnsureAsync(transaction, cancellationToken);
    }
}
