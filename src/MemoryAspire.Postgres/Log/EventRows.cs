using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Postgres.Memories;
using Npgsql;

namespace MemoryAspire.Postgres.Log;

/// <summary>Rows of <c>memory_events e</c>, with a vector as the column after <see cref="Columns"/>.</summary>
internal static class EventRows
{
    public const int Count = 24;

    public const string Columns =
        """
        e.partition, e.position, e.type, e.tenant, e.memory_id, e.version, e.vector_version, e."user", e.agent, e.session,
        e.kind, e.content, e.metadata, e.importance, e.digest, e.created_at, e.updated_at, e.expires_at,
        e.transaction_id, e.actor, e.at, e.span_partitions, e.span_positions, e.redacted
        """;

    public static MemoryEvent Read(NpgsqlDataReader row)
    {
        var type = EventTypes.Parse(row.GetString(2));
        var scope = new Scope(row.Text(7), row.Text(8), row.Text(9));
        var redacted = RedactionOf(row.Text(23));
        return new MemoryEvent(
            new Partition((byte)row.GetInt16(0)),
            new Position(row.GetInt64(1)),
            type,
            row.GetString(3),
            new MemoryId(row.GetGuid(4)),
            row.GetInt64(5),
            scope,
            type is EventType.Deleted or EventType.Expired || redacted is not null ? null : ReadState(row, scope),
            row.GetGuid(18),
            row.GetString(19),
            row.Time(20))
        {
            Kind = MemoryKinds.Parse(row.GetString(10)),
            Span = row.Span(21),
            Redacted = redacted,
        };
    }

    private static Redaction? RedactionOf(string? text) => text switch
    {
        null => null,
        "erased" => Redaction.Erased,
        "compacted" => Redaction.Compacted,
        _ => throw new FormatException($"There is no redaction '{text}'."),
    };

    private static MemoryRecord ReadState(NpgsqlDataReader row, Scope scope)
    {
        var memory = new Memory(
            new MemoryId(row.GetGuid(4)),
            row.GetString(11),
            MemoryKinds.Parse(row.GetString(10)),
            scope,
            row.Json(12),
            row.GetDouble(13),
            row.GetInt64(5),
            row.Time(15),
            row.Time(16),
            row.IsDBNull(17) ? null : row.Time(17));
        return new MemoryRecord(row.GetString(3), memory, row.IsDBNull(6) ? null : row.GetInt64(6), (ulong)row.GetInt64(14))
        {
            Vector = row.IsDBNull(Count) ? default : row.GetFieldValue<byte[]>(Count),
        };
    }
}

/// <summary>Event types as PostgreSQL and the public contract write them.</summary>
public static class EventTypes
{
    public static string ToText(this EventType type) => type switch
    {
        EventType.Created => "created",
        EventType.Updated => "updated",
        EventType.Deleted => "deleted",
        EventType.Expired => "expired",
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    public static EventType Parse(string text) => text switch
    {
        "created" => EventType.Created,
        "updated" => EventType.Updated,
        "deleted" => EventType.Deleted,
        "expired" => EventType.Expired,
        _ => throw new FormatException($"There is no event type '{text}'."),
    };
}
