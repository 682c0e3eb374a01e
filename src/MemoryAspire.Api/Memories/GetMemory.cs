using System.Security.Claims;
using MemoryAspire.Api.Authentication;
using MemoryAspire.Api.Consistency;
using MemoryAspire.Api.History;
using MemoryAspire.Api.Problems;
using MemoryAspire.Api.Requests;
using MemoryAspire.Contracts.Memories;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MemoryAspire.Api.Memories;

/// <summary><c>GET /v1/memories/{id}</c></summary>
internal static class GetMemory
{
    private const string SourceHeader = "Memory-Source";

    public static async Task<IResult> HandleAsync(
        string id, HttpContext context, ClaimsPrincipal principal, MemoryReads reads, GetPast past, CancellationToken cancellationToken)
    {
        var memoryId = QueryFields.Id(id);
        var level = QueryFields.Consistency(context.Request);
        var withEmbedding = QueryFields.IncludesEmbedding(context.Request);
        var point = PastPoint.Of(context.Request);
        var tenant = Caller.Of(principal).Tenant;
        var consistency = RequestConsistency.Of(context);
        if (point is not null) return Answer(context, await past.ReadAsync(tenant, memoryId, point, withEmbedding, consistency, cancellationToken));

        // Neither this process nor Redis holds vectors.
        var hot = withEmbedding ? null : reads.FromMemory(tenant, memoryId, level, consistency);
        if (hot is not null) return Answer(context, hot.Json, hot.Version, "memory");
        var cached = withEmbedding ? null : await reads.FromRedisAsync(tenant, memoryId, level, consistency, cancellationToken);
        if (cached is not null) return Answer(context, cached.Json, cached.Version, "redis");

        var stored = await reads.FromPostgresAsync(tenant, memoryId, withEmbedding, consistency, cancellationToken) ?? throw Refusal.NotFound();
        return Answer(context, stored.Record);
    }

    /// <summary>From PostgreSQL; the vector is there when it was asked for.</summary>
    private static FileContentHttpResult Answer(HttpContext context, MemoryRecord record)
    {
        var memory = record.Memory;
        if (!record.Vector.IsEmpty) memory = memory with { Embedding = EmbeddingField.FromBytes(record.Vector.Span) };
        return Answer(context, MemoryJson.Encode(memory), memory.Version, "postgres");
    }

    private static FileContentHttpResult Answer(HttpContext context, ReadOnlyMemory<byte> json, long version, string source)
    {
        context.Response.Headers.ETag = WriteAnswer.ETag(version);
        context.Response.Headers[SourceHeader] = source;
        return TypedResults.Bytes(json, "application/json; charset=utf-8");
    }
}
