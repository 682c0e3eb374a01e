using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;
using Npgsql;

namespace MemoryAspire.Postgres.Reconciliation;

/// <summary>How old what a tier lacks is.</summary>
public sealed class LogAges(NpgsqlDataSource dataSource)
{
    /// <summary>Since the oldest event that follows one of these positions; nothing when none does.</summary>
    public async Task<TimeSpan> OldestAfterAsync(IReadOnlyCollection<KeyValuePair<Partition, Position>> positions, CancellationToken cancellationToken)
    {
        if (positions.Count == 0) return TimeSpan.Zero;
        await using var command = dataSource.CreateCommand(
            """
            select clock_timestamp() - min(e.at)
            from unnest($1, $2) a (partition, position)
            join memory_events e on e.partition = a.partition and e.position = a.position + 1
            """);
        command.Parameters.Add(new() { Value = positions.Select(pair => (short)pair.Key.Value).ToArray() });
        command.Parameters.Add(new() { Value = positions.Select(pair => pair.Value.Value).ToArray() });
        return await command.ExecuteScalarAsync(cancellationToken) is TimeSpan age && age > TimeSpan.Zero ? age : TimeSpan.Zero;
    }
}
