using MemoryAspire.Contracts.Identity;
using MemoryAspire.Crash.Tests.Writes;
using Npgsql;

namespace MemoryAspire.Crash.Tests.Tiers;

/// <summary>What PostgreSQL holds, read past the API.</summary>
internal sealed class PostgresTier(string connectionString)
{
    public async Task<IReadOnlyList<MemoryState>> ReadAsync()
    {
        var memories = new List<MemoryState>();
        await ReadAsync(
            """select id, "user", content, version from memories""",
            row => memories.Add(new MemoryState(row.GetGuid(0).ToString(), row.GetString(1), row.GetString(2), row.GetInt64(3))));
        return memories;
    }

    public async Task<long[]> ReadHeadsAsync()
    {
        var heads = new long[Partition.Count];
        await ReadAsync("select partition, head from partition_heads", row => heads[row.GetInt16(0)] = row.GetInt64(1));
        return heads;
    }

    /// <summary>Count and digest of every partition.</summary>
    public async Task<(long Count, ulong Digest)[]> SumAsync()
    {
        var sums = new (long, ulong)[Partition.Count];
        await ReadAsync(
            "select partition, count(*), bit_xor(digest) from memories group by partition",
            row => sums[row.GetInt16(0)] = (row.GetInt64(1), (ulong)row.GetInt64(2)));
        return sums;
    }

    /// <summary>A connection for each: those that were kept died with the server.</summary>
    private async Task ReadAsync(string sql, Action<NpgsqlDataReader> read)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        while (await reader.ReadAsync(TestContext.Current.CancellationToken)) read(reader);
    }
}
