using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;

namespace MemoryAspire.Index.Reservations;

/// <summary>What a transaction that is about to be committed does to vectors.</summary>
public sealed record VectorProposal(Guid Transaction, IReadOnlyList<ProposedVector> Vectors)
{
    /// <summary>What is wrong with the vectors; null when nothing is.</summary>
    internal string? Problem(int dimension) => Vectors
        .Where(proposed => !proposed.Vector.IsEmpty)
        .Select(proposed => VectorCheck.Problem(proposed.Vector.Span, dimension))
        .FirstOrDefault(problem => problem is not null);
}

/// <summary>A memory's vector after a transaction; empty when it will have none, or be gone.</summary>
public readonly record struct ProposedVector(MemoryId Id, ReadOnlyMemory<byte> Vector);
