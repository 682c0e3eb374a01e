using System.Security.Claims;
using MemoryAspire.Api.Authentication;
using MemoryAspire.Api.Database;
using MemoryAspire.Api.Embedding;
using MemoryAspire.Api.Requests;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Coordination;
using MemoryAspire.Postgres.Writes;

namespace MemoryAspire.Api.Memories;

/// <summary><c>POST /v1/memories</c></summary>
internal static class CreateMemory
{
    public static async Task<IResult> HandleAsync(
        HttpContext context,
        ClaimsPrincipal principal,
        DatabaseWatch watch,
        TextEmbedder embedder,
        MemoryCoordinator coordinator,
        TimeProvider time,
        Random random,
        CancellationToken cancellationToken)
    {
        var database = watch.Current;
        var now = time.GetUtcNow();
        var body = await RequestBody.ReadBytesAsync(context.Request, cancellationToken);
        var key = IdempotencyHeader.Read(context.Request, body.Span);
        var fields = RequestBody.Parse(body);
        var request = CreateRequest.Read(fields, database.Generation.Dimension, now);
        fields.ThrowIfWrong();

        var caller = Caller.Of(principal);
        var partition = request.Scope.User is { } user ? Partition.Of(caller.Tenant, user) : Partition.Any(random);
        var vector = request.Embedding ?? await embedder.EmbedAsync(request.Content, cancellationToken);
        var create = new WriteOperation.Create(
            MemoryId.Create(partition, now, random), request.Content, request.Kind, request.Scope, request.Metadata, request.Importance,
            request.ExpiresAt, EmbeddingField.ToBytes(vector.Span));
        var transaction = new WriteTransaction(Guid.CreateVersion7(now), caller.Tenant, caller.Actor, database.Generation.Model, [create], key);

        var (outcome, tiers) = await coordinator.CommitAsync(transaction, database, cancellationToken);
        var created = WriteAnswer.Single(context, watch, outcome, tiers);
        var state = created.State ?? throw new InvalidOperationException("A created memory has no state.");
        context.Response.Headers.ETag = WriteAnswer.ETag(created.Version);
        return TypedResults.Json(new WrittenMemory(state.Memory, Tiers.Of(tiers)), statusCode: StatusCodes.Status201Created);
    }
}
