using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Postgres.Memories;
using Npgsql;
using NpgsqlTypes;

namespace MemoryAspire.Postgres.Reconciliation;

/// <summary>Head, count and digest of a partition, in one snapshot.</summary>
public readonly record struct PartitionSum(Partition Partition, Position Head, long Count, ulong Digest);

/// <summary>Ids of a partition from one up to, but without, another; null is without end.</summary>
public readonly record struct RowRange(Partition Partition, MemoryId? From, MemoryId? Until);

/// <summary>Count and digest of a range.</summary>
public readonly record struct RangeSum(RowRange Range, long Count, ulong Digest);

/// <summary>What is compared of a row.</summary>
public readonly record struct RowDigest(MemoryId Id, long Version, ulong Digest);

/// <summary>Counts and digests of rows, read from the key's index alone where only those are wanted.</summary>
public sealed class RowDigests(NpgsqlDataSource dataSource)
{
    /// <summary>How many parts a range is divided into.</summary>
    public const int Ways = 16;

    /// <summary>A scan of a large table on a busy machine takes its time.</summary>
    private const int TimeoutSeconds = 120;

    /// <summary>All partitions, or some, as of one snapshot.</summary>
    public async Task<IReadOnlyList<PartitionSum>> SumAsync(IReadOnlyCollection<Partition>? partitions, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            """
            select h.partition, h.head, coalesce(s.count, 0), coalesce(s.digest, 0)
            from partition_heads h
            left join (
                select partition, count(*) as count, bit_xor(digest) as digest from memories
                where $1::smallint[] is null or partition = any($1) group by partition) s on s.partition = h.partition
            where $1::smallint[] is null or h.partition = any($1)
            order by h.partition
            """);
        command.CommandTimeout = TimeoutSeconds;
        command.Parameters.Add(new()
        {
            Value = (object?)partitions?.Select(partition => (short)partition.Value).ToArray() ?? DBNull.Value,
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Smallint,
        });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var sums = new List<PartitionSum>();
        while (await reader.ReadAsync(cancellationToken))
        {
            sums.Add(new PartitionSum(new Partition((byte)reader.GetInt16(0)), new Position(reader.GetInt64(1)), reader.GetInt64(2), (ulong)reader.GetInt64(3)));
        }

        return sums;
    }

    /// <summary>Each range in up to <see cref="Ways"/> parts of about equally many rows, which together are the range.</summary>
    public async Task<IReadOnlyList<RangeSum>> SplitAsync(IReadOnlyList<RowRange> ranges, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            $"""
            select r.number, s.first, s.count, s.digest
            from unnest($1, $2, $3, $4) r (number, partition, first, until)
            cross join lateral (
                select (array_agg(t.id order by t.id))[1] as first, count(*) as count, bit_xor(t.digest) as digest
                from (
                    select m.id, m.digest, ntile({Ways}) over (order by m.id) as part from memories m
                    where m.partition = r.partition and m.id >= r.first and (r.until is null or m.id < r.until)) t
                group by t.part) s
            order by r.number, s.first
            """);
        AddRanges(command, ranges);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var parts = new List<(int Number, MemoryId First, long Count, ulong Digest)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            parts.Add((reader.GetInt32(0), new MemoryId(reader.GetGuid(1)), reader.GetInt64(2), (ulong)reader.GetInt64(3)));
        }

        var byRange = parts.ToLookup(part => part.Number, part => (part.First, part.Count, part.Digest));
        return [.. ranges.SelectMany((range, number) => Cut(range, [.. byRange[number]]))];
    }

    /// <summary>The rows of some ranges.</summary>
    public async Task<IReadOnlyList<RowDigest>> ListAsync(IReadOnlyList<RowRange> ranges, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            """
            select m.id, m.version, m.digest
            from unnest($1, $2, $3, $4) r (number, partition, first, until)
            join memories m on m.partition = r.partition and m.id >= r.first and (r.until is null or m.id < r.until)
            """);
        AddRanges(command, ranges);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<RowDigest>();
        while (await reader.ReadAsync(cancellationToken)) rows.Add(new RowDigest(new MemoryId(reader.GetGuid(0)), reader.GetInt64(1), (ulong)reader.GetInt64(2)));
        return rows;
    }

    /// <summary>
    /// All rows of some partitions with their vectors: what the index should make of each from the bytes it holds, and which are
    /// not what their own digests say.
    /// </summary>
    public async Task<(IReadOnlyList<RowDigest> Rows, IReadOnlyList<MemoryId> Damaged)> ReadStoredAsync(
        IReadOnlyCollection<Partition> partitions, string model, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            $"""
            select {MemoryRows.Columns}, v.embedding
            from memories m
            left join memory_vectors v on v.partition = m.partition and v.id = m.id and v.vector_version = m.vector_version and v.model = $2
            where m.partition = any($1)
            """);
        command.CommandTimeout = TimeoutSeconds;
        command.Parameters.Add(new() { Value = partitions.Select(partition => (short)partition.Value).ToArray() });
        command.Parameters.Add(new() { Value = model });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var (rows, damaged) = (new List<RowDigest>(), new List<MemoryId>());
        while (await reader.ReadAsync(cancellationToken))
        {
            var row = MemoryRows.Read(reader, withVector: true);
            var memory = row.Record.Memory;
            rows.Add(new RowDigest(memory.Id, memory.Version, IndexedDigest.Of(row.Record).With(row.Record.Vector.Span)));
            if (!RowStates.IsWhole(row)) damaged.Add(memory.Id);
        }

        return (rows, damaged);
    }

    /// <summary>The parts of a range, given where each begins; the first begins where the range does.</summary>
    private static IEnumerable<RangeSum> Cut(RowRange range, IReadOnlyList<(MemoryId First, long Count, ulong Digest)> parts)
    {
        if (parts.Count == 0) yield return new RangeSum(range, 0, 0);
        for (var part = 0; part < parts.Count; part++)
        {
            var from = part == 0 ? range.From : parts[part].First;
            var until = part == parts.Count - 1 ? range.Until : parts[part + 1].First;
            yield return new RangeSum(new RowRange(range.Partition, from, until), parts[part].Count, parts[part].Digest);
        }
    }

    private static void AddRanges(NpgsqlCommand command, IReadOnlyList<RowRange> ranges)
    {
        command.CommandTimeout = TimeoutSeconds;
        command.Parameters.Add(new() { Value = Enumerable.Range(0, ranges.Count).ToArray() });
        command.Parameters.Add(new() { Value = ranges.Select(range => (short)range.Partition.Value).ToArray() });
        command.Parameters.Add(new() { Value = ranges.Select(range => range.From?.Value ?? Guid.Empty).ToArray() });
        command.Parameters.Add(new() { Value = ranges.Select(range => range.Until?.Value).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid });
    }
}
