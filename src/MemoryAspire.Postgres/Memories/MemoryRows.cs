using System.Text.Json;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Contracts.Positions;
using Npgsql;

namespace MemoryAspire.Postgres.Memories;

/// <summary>A row of <c>memories</c>: the record, and the position of the event that made it so.</summary>
public sealed record StoredMemory(MemoryRecord Record, Position Position)
{
    /// <summary>The span of that event's transaction; empty when it has one partition only.</summary>
    public IReadOnlyList<KeyValuePair<Partition, Position>> Span { get; init; } = [];

    /// <summary>What a reader of this has seen: the event's position, and its transaction in the other partitions.</summary>
    public IEnumerable<KeyValuePair<Partition, Position>> Seen => [KeyValuePair.Create(Record.Memory.Id.Partition, Position), .. Span];
}

/// <summary>Rows of <c>memories m</c>, with a vector as the column after <see cref="Columns"/>.</summary>
internal static class MemoryRows
{
    public const int Count = 19;

    public const string Columns =
        """
        m.partition, m.id, m.tenant, m."user", m.agent, m.session, m.kind, m.content, m.metadata, m.importance,
        m.version, m.vector_version, m.position, m.digest, m.created_at, m.updated_at, m.expires_at,
        m.span_partitions, m.span_positions
        """;

    /// <param name="at">The ordinal of the first column.</param>
    /// <param name="withVector">Whether the vector follows the columns.</param>
    public static StoredMemory Read(NpgsqlDataReader row, int at = 0, bool withVector = false)
    {
        var memory = new Memory(
            new MemoryId(row.GetGuid(at + 1)),
            row.GetString(at + 7),
            MemoryKinds.Parse(row.GetString(at + 6)),
            new Scope(row.Text(at + 3), row.Text(at + 4), row.Text(at + 5)),
            row.Json(at + 8),
            row.GetDouble(at + 9),
            row.GetInt64(at + 10),
            row.Time(at + 14),
            row.Time(at + 15),
            row.IsDBNull(at + 16) ? null : row.Time(at + 16));
        var vectorVersion = row.IsDBNull(at + 11) ? null : (long?)row.GetInt64(at + 11);
        var record = new MemoryRecord(row.GetString(at + 2), memory, vectorVersion, (ulong)row.GetInt64(at + 13))
        {
            Vector = withVector && !row.IsDBNull(at + Count) ? row.GetFieldValue<byte[]>(at + Count) : default,
        };
        return new StoredMemory(record, new Position(row.GetInt64(at + 12))) { Span = row.Span(at + 17) };
    }

    public static string? Text(this NpgsqlDataReader row, int ordinal) => row.IsDBNull(ordinal) ? null : row.GetString(ordinal);

    public static DateTimeOffset Time(this NpgsqlDataReader row, int ordinal) => row.GetFieldValue<DateTimeOffset>(ordinal);

    /// <summary>Two array columns, partitions and positions; empty when they are null.</summary>
    public static IReadOnlyList<KeyValuePair<Partition, Position>> Span(this NpgsqlDataReader row, int ordinal) => row.IsDBNull(ordinal)
        ? []
        :
        [
            .. row.GetFieldValue<short[]>(ordinal).Zip(
                row.GetFieldValue<long[]>(ordinal + 1),
                (partition, position) => KeyValuePair.Create(new Partition((byte)partition), new Position(position))),
        ];

    /// <summary>A jsonb column, in canonical form.</summary>
    public static JsonElement Json(this NpgsqlDataReader row, int ordinal)
    {
        using var document = JsonDocument.Parse(row.GetString(ordinal));
        return CanonicalJson.Of(document.RootElement);
    }
}
