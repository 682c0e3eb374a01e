using MemoryAspire.Postgres.Log;
using Npgsql;

namespace MemoryAspire.Postgres.Schema;

/// <summary>One build of the semantic index: the model whose vectors it holds, and their dimension.</summary>
public sealed record Generation(long Number, string Model, int Dimension);

/// <summary>The generations; exactly one is live.</summary>
public sealed class Generations(NpgsqlDataSource dataSource)
{
    /// <summary>The live generation; null in a database that has none yet.</summary>
    public async Task<Generation?> ReadLiveAsync(CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("select generation, model, dimension from generations where state = 'live'");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new Generation(reader.GetInt64(0), reader.GetString(1), reader.GetInt32(2))
            : null;
    }

    /// <summary>The live generation, made from this model when the database has none.</summary>
    public async Task<Generation> EnsureLiveAsync(string model, int dimension, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            """
            with first as (
                insert into generations (generation, model, dimension, state)
                select 1, $1, $2, 'live' where not exists (select from generations)
                on conflict do nothing
                returning generation)
            select pg_notify($3, '') from first
            """);
        command.Parameters.Add(new() { Value = model });
        command.Parameters.Add(new() { Value = dimension });

        // The index waits for its first generation as it waits for events.
        command.Parameters.Add(new() { Value = LogHints.Channel });
        await command.ExecuteNonQueryAsync(cancellationToken);
        return await ReadLiveAsync(cancellationToken) ?? throw new InvalidOperationException("No generation of the index is live.");
    }
}
