using MemoryAspire.Contracts.Positions;
using MemoryAspire.Postgres.Log;
using MemoryAspire.Postgres.Schema;

namespace MemoryAspire.Coordination.Database;

/// <summary>What a service knows of its database: which it is, how far its log had come, and the live generation.</summary>
public sealed record DatabaseState(LogHeads Heads, Generation Generation)
{
    public Incarnation Incarnation => Heads.Incarnation;
}
