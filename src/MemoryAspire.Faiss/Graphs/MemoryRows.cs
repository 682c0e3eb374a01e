using MemoryAspire.Faiss.Interop;

namespace MemoryAspire.Faiss.Graphs;

/// <summary>One memory's place in the graph, and what a search filters on. Texts are numbers here; 0 is absent.</summary>
/// <param name="Expires">Microseconds since 1970; <see cref="long.MaxValue"/>: never.</param>
/// <param name="Born">The first snapshot that sees it.</param>
/// <param name="Created">Microseconds since 1970, as is <paramref name="Updated"/>.</param>
public readonly record struct MemoryRow(
    Guid Id, long Version, int Node, uint Tenant, uint User, uint Agent, uint Session, uint Kind, long Expires, ulong Born, long Created = 0, long Updated = 0);

/// <summary>From a time, that included, to another, that not. Microseconds since 1970.</summary>
public readonly record struct TimeRange(long From, long To)
{
    public static TimeRange Any { get; } = new(long.MinValue, long.MaxValue);
}

/// <summary>What a row must be; 0 for user, agent and session is any.</summary>
/// <param name="Kinds">A bit per kind.</param>
/// <param name="Now">Rows that have expired by then are absent.</param>
/// <param name="Snapshot">Only rows born up to it and not ended by it are seen.</param>
public readonly record struct RowFilter(uint Tenant, uint User, uint Agent, uint Session, ulong Kinds, long Now, ulong Snapshot)
{
    public TimeRange Created { get; init; } = TimeRange.Any;

    public TimeRange Updated { get; init; } = TimeRange.Any;

    /// <summary>What is less similar does not count.</summary>
    public float Least { get; init; } = Everything;

    /// <summary>Below every similarity.</summary>
    public const float Everything = -2;

    internal NativeFilter ToNative() => new()
    {
        Tenant = Tenant,
        User = User,
        Agent = Agent,
        Session = Session,
        Kinds = Kinds,
        Now = Now,
        Snapshot = Snapshot,
        CreatedFrom = Created.From,
        CreatedTo = Created.To,
        UpdatedFrom = Updated.From,
        UpdatedTo = Updated.To,
        Timed = Created == TimeRange.Any && Updated == TimeRange.Any ? 0U : 1,
        Least = Least,
    };
}

/// <summary>
/// Rows that point at a graph's nodes, numbered 0, 1, 2, …. They are appended and ended, never reused: what a
/// snapshot sees does not change while it is searched.
/// </summary>
public sealed class MemoryRows : IDisposable
{
    internal readonly RowsHandle Handle;

    public MemoryRows(VectorGraph graph, int capacity) =>
        Native.RowsCreate(graph.Shape.Capacity, capacity, out Handle).Check();

    /// <summary>Adds a row and returns its number.</summary>
    /// <exception cref="CapacityExceededException">The capacity is used up.</exception>
    public int Add(in MemoryRow row)
    {
        var native = new NativeRow
        {
            Node = row.Node,
            Tenant = row.Tenant,
            User = row.User,
            Agent = row.Agent,
            Session = row.Session,
            Kind = row.Kind,
            Expires = row.Expires,
            Born = row.Born,
            Version = row.Version,
            Created = row.Created,
            Updated = row.Updated,
        };
        row.Id.TryWriteBytes(native.Id, bigEndian: true, out _);
        Native.RowsAdd(Handle, native, out var number).Check();
        return number;
    }

    /// <summary>Ends a row: snapshots from this one on no longer see it.</summary>
    public void End(int number, ulong died) => Native.RowsEnd(Handle, number, died).Check();

    /// <summary>How many of the listed rows pass.</summary>
    public long CountPassing(ReadOnlySpan<int> rows, in RowFilter filter)
    {
        Native.Count(Handle, rows, rows.Length, filter.ToNative(), out var matched).Check();
        return matched;
    }

    public void Dispose() => Handle.Dispose();
}
