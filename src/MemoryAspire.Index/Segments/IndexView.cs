using MemoryAspire.Faiss.Graphs;
using MemoryAspire.Index.Memories;

namespace MemoryAspire.Index.Segments;

/// <summary>
/// What a search looks at: a graph, the rows that point into it and their lists. The writer appends to it and
/// then moves its snapshot on; a view that was replaced never changes again.
/// </summary>
internal sealed class IndexView : Shared
{
    /// <summary>Row numbers; the table behind grows with what is in it.</summary>
    public const int RowsMax = 1 << 28;

    private ulong _snapshot;

    public IndexView(NodeTable nodes, ulong snapshot)
    {
        ObjectDisposedException.ThrowIf(!nodes.TryTake(), nodes);
        Nodes = nodes;
        Rows = new MemoryRows(nodes.Graph, RowsMax);
        _snapshot = snapshot;
    }

    public NodeTable Nodes { get; }

    public MemoryRows Rows { get; }

    public RowLists Lists { get; } = new();

    /// <summary>Everything up to it can be seen. Read it before the lists: they then hold all that it shows.</summary>
    public ulong Snapshot
    {
        get => Volatile.Read(ref _snapshot);
        set => Volatile.Write(ref _snapshot, value);
    }

    /// <summary>Rows added and ended. For the writer.</summary>
    public int Added { get; private set; }

    public int Ended { get; private set; }

    /// <summary>Rows that are not ended.</summary>
    public int Live => Added - Ended;

    public int Add(Guid id, in IndexedMemory memory, ulong born)
    {
        var row = Rows.Add(new MemoryRow(
            id, memory.Version, memory.Node, memory.Tenant, memory.User, memory.Agent, memory.Session, memory.Kind, memory.ExpiresAt, born, memory.CreatedAt, memory.UpdatedAt));
        Lists.Add(memory.Tenant, memory.User, row);
        Added++;
        return row;
    }

    public void End(int row, ulong died)
    {
        Rows.End(row, died);
        Ended++;
    }

    protected override void Free()
    {
        Rows.Dispose();
        Nodes.GiveBack();
    }
}
