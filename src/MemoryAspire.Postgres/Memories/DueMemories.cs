using MemoryAspire.Contracts.Identity;
using Npgsql;

namespace MemoryAspire.Postgres.Memories;

/// <summary>A memory whose time is over, and whose row is still there.</summary>
public readonly record struct DueMemory(string Tenant, MemoryId Id);

/// <summary>Finds the memories that are to expire, by PostgreSQL's clock.</summary>
public sealed class DueMemories(NpgsqlDataSource dataSource)
{
    /// <summary>Those that have waited longest, at most so many.</summary>
    public async Task<IReadOnlyList<DueMemory>> FindAsync(int limit, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("select tenant, id from memories where expires_at <= now() order by expires_at limit $1");
        command.Parameters.Add(new() { Value = (long)limit });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var due = new List<DueMemory>();
        while (await reader.ReadAsync(cancellationToken)) due.Add(new DueMemory(reader.GetString(0), new MemoryId(reader.GetGuid(1))));
        return due;
    }
}
