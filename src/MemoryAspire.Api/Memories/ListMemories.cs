using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Claims;
using MemoryAspire.Api.Authentication;
using MemoryAspire.Api.Consistency;
using MemoryAspire.Api.Problems;
using MemoryAspire.Api.Requests;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Postgres.Memories;
using MemoryAspire.ServiceDefaults.Resilience;

namespace MemoryAspire.Api.Memories;

/// <summary>A page of a list.</summary>
internal sealed record MemoryList(IReadOnlyList<Memory> Items, string? NextCursor);

/// <summary><c>GET /v1/memories</c></summary>
internal static class ListMemories
{
    private const int LimitDefault = 100;

    private const int LimitMax = 1000;

    public static async Task<IResult> HandleAsync(
        HttpContext context, ClaimsPrincipal principal, MemoryLister lister, StorePipelines pipelines, CancellationToken cancellationToken)
    {
        var request = context.Request;
        var selection = new MemorySelection(Caller.Of(principal).Tenant, QueryFields.Scope(request), QueryFields.Kind(request), FilterFields.Filter(request));
        var limit = QueryFields.Limit(request, LimitDefault, LimitMax);
        var after = Cursor(request);

        // One more than asked for tells whether there is a next page.
        var page = await pipelines.PostgresRead.ExecuteAsync(
            async token => await lister.ListAsync(selection, after, limit + 1, token), cancellationToken);
        RequestConsistency.Of(context).See(page.Heads);
        var items = page.Memories.Take(limit).Select(stored => stored.Record.Memory).ToList();
        return TypedResults.Json(new MemoryList(items, page.Memories.Count > limit ? Encode(items[^1]) : null));
    }

    private static string Encode(Memory last)
    {
        Span<byte> bytes = stackalloc byte[8 + MemoryId.Size];
        BinaryPrimitives.WriteInt64BigEndian(bytes, Microseconds.From(last.CreatedAt));
        last.Id.Write(bytes[8..]);
        return Base64Url.EncodeToString(bytes);
    }

    private static ListCursor? Cursor(HttpRequest request)
    {
        if (!request.Query.TryGetValue("cursor", out var values)) return null;
        Span<byte> bytes = stackalloc byte[8 + MemoryId.Size];
        var text = values.ToString();
        if (text.Length != 32 || !Base64Url.IsValid(text) || !Base64Url.TryDecodeFromChars(text, bytes, out var length) || length != bytes.Length)
        {
            throw Refusal.BadRequest("cursor", "must be the nextCursor of the page before.");
        }

        var microseconds = BinaryPrimitives.ReadInt64BigEndian(bytes);
        return microseconds >= 0 && microseconds < Microseconds.From(DateTimeOffset.MaxValue)
            ? new ListCursor(Microseconds.ToTime(microseconds), MemoryId.Read(bytes[8..]))
            : throw Refusal.BadRequest("cursor", "must be the nextCursor of the page before.");
    }
}
