using MemoryAspire.Contracts.Positions;

namespace MemoryAspire.Index;

/// <summary>What an index is of: a database, and one generation of its vectors. Another identity is another index.</summary>
public readonly record struct IndexIdentity(Incarnation Incarnation, long Generation, int Dimension);
