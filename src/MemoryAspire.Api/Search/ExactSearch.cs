using System.Numerics.Tensors;
using MemoryAspire.Api.Consistency;
using MemoryAspire.Api.Database;
using MemoryAspire.Api.Problems;
using MemoryAspire.Api.Requests;
using MemoryAspire.Postgres.Memories;
using MemoryAspire.ServiceDefaults.Resilience;

namespace MemoryAspire.Api.Search;

/// <summary>Compares every vector of a scope, read from PostgreSQL: what serves while the index is away.</summary>
internal sealed class ExactSearch(MemoryLister lister, StorePipelines pipelines, DatabaseWatch watch)
{
    /// <summary>Wider scopes are refused: reading them would take the database down with the index.</summary>
    private const int CountMax = 20_000;

    /// <exception cref="Refusal">503: the scope is too wide.</exception>
    public async Task<IReadOnlyList<Found>> FindAsync(
        string tenant, SearchRequest request, ReadOnlyMemory<float> vector, RequestConsistency consistency, CancellationToken cancellationToken)
    {
        var selection = new MemorySelection(tenant, request.Scope, null);
        var model = watch.Current.Generation.Model;
        var page = await pipelines.PostgresRead.ExecuteAsync(
            async token => await lister.ListVectorsAsync(selection, model, CountMax + 1, token), cancellationToken);
        if (page.Memories.Count > CountMax)
        {
            throw Refusal.Unavailable("The index cannot be reached, and the scope is too wide to be searched without it: name a user, agent or session.");
        }

        consistency.See(page.Heads);
        return
        [
            .. page.Memories
                .Select(stored => Score(stored, vector.Span))
                .Where(found => found.Score >= request.MinScore)
                .OrderByDescending(found => found.Similarity)
                .ThenByDescending(found => found.Memory.Id)
                .Take(request.Count),
        ];
    }

    /// <summary>A memory, compared with its own vector.</summary>
    public static Found Score(StoredMemory stored, ReadOnlySpan<float> vector)
    {
        var similarity = TensorPrimitives.CosineSimilarity(EmbeddingField.FromBytes(stored.Record.Vector.Span), vector);
        return new Found(stored.Record.Memory, Math.Clamp(similarity, 0, 1), similarity);
    }
}
