using MemoryAspire.Api.Embedding;
using MemoryAspire.Api.Requests;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Postgres.Dedupe;
using MemoryAspire.Postgres.Writes;
using Microsoft.Extensions.Options;

namespace MemoryAspire.Api.Memories;

/// <summary>Turns what clients ask for into operations: mints ids, and embeds contents, all of a request at once.</summary>
internal sealed class OperationMaker(
    TextEmbedder embedder, IOptions<DedupeOptions> dedupe, IOptions<EmbeddingAbsenceOptions> absence, TimeProvider time, Random random)
{
    public async Task<IReadOnlyList<WriteOperation>> MakeAsync(string tenant, IReadOnlyList<OperationRequest> requests, CancellationToken cancellationToken)
    {
        var texts = requests.Select(request => request.ToBeEmbedded).OfType<string>().ToList();
        var vectors = texts.Count == 0 ? [] : await EmbedAsync(texts, cancellationToken);
        var operations = new List<WriteOperation>(requests.Count);
        var next = 0;
        foreach (var request in requests)
        {
            var vector = request.ToBeEmbedded is not null ? EmbeddingField.ToBytes((vectors?[next++] ?? default).Span)
                : request.Embedding is { } given ? EmbeddingField.ToBytes(given)
                : null;
            operations.Add(Make(tenant, request, vector) with { EmbedLater = vectors is null && request.ToBeEmbedded is not null });
        }

        return operations;
    }

    /// <summary>Null when they are to be stored without vectors, because they cannot be made now.</summary>
    private async Task<IReadOnlyList<ReadOnlyMemory<float>>?> EmbedAsync(List<string> texts, CancellationToken cancellationToken) =>
        absence.Value.WhenAway == WhenAway.Accept ? await embedder.TryEmbedAsync(texts, cancellationToken) : await embedder.EmbedAsync(texts, cancellationToken);

    private WriteOperation Make(string tenant, OperationRequest request, byte[]? vector) => request switch
    {
        CreateRequest create => new WriteOperation.Create(
            NewId(tenant, create.Scope.User), create.Content, create.Kind, create.Scope, create.Metadata, create.Importance, create.ExpiresAt, vector)
        {
            Dedupe = create.Dedupe switch
            {
                DedupeField.Exact => DedupeRule.Exact(create.Scope, create.Kind, create.Content),
                DedupeField.Similar => DedupeRule.Similar(create.Scope, create.Kind, create.Content, dedupe.Value.SimilarityMin),
                _ => null,
            },
        },
        UpdateRequest update => new WriteOperation.Update(
            update.Id, update.Patch, update.IfMatch, update.OnConflict, vector?.AsMemory()),
        DeleteRequest delete => new WriteOperation.Delete(delete.Id, delete.IfMatch),
        _ => throw new InvalidOperationException($"Unhandled request {request.GetType().Name}."),
    };

    private MemoryId NewId(string tenant, string? user) =>
        MemoryId.Create(user is null ? Partition.Any(random) : Partition.Of(tenant, user), time.GetUtcNow(), random);
}
