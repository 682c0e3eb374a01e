using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;

namespace MemoryAspire.Postgres.Log;

/// <summary>How far the log of every partition has come, and in which database.</summary>
public sealed class LogHeads(Incarnation incarnation, long[] heads)
{
    public Incarnation Incarnation { get; } = incarnation;

    public Position this[Partition partition] => new(heads[partition.Value]);
}
