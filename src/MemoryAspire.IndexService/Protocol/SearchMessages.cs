using System.Runtime.InteropServices;
using Google.Protobuf;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Index;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Faiss.Graphs;
using MemoryAspire.Index.Searching;

namespace MemoryAspire.IndexService.Protocol;

/// <summary>Reads searches of the protocol and writes their answers.</summary>
internal static class SearchMessages
{
    private const uint HitsMax = 10_000;

    private const int IdsMax = 100_000;

    /// <exception cref="Grpc.Core.RpcException">A field is wrong; it is named.</exception>
    public static SearchQuery Read(SearchRequest request, int dimension)
    {
        if (VectorCheck.Problem(request.Vector.Span, dimension) is { } problem) throw Refusal.Invalid("vector", problem);
        if (request.K is 0 or > HitsMax) throw Refusal.Invalid("k", $"k is 1..{HitsMax}.");
        if (request.HasLeastSimilarity && request.LeastSimilarity is not (>= -1 and <= 1)) throw Refusal.Invalid("least_similarity", "A similarity is -1..1.");
        if (request.Ids.Count > IdsMax) throw Refusal.Invalid("ids", $"There may be {IdsMax} at most.");
        if (request.Tenant.Length == 0) throw Refusal.Invalid("tenant", "A search belongs to a tenant.");
        return new SearchQuery(
            MemoryMarshal.Cast<byte, float>(request.Vector.Span).ToArray(),
            (int)request.K,
            request.Tenant,
            new Scope(
                request.HasUser ? request.User : null,
                request.HasAgent ? request.Agent : null,
                request.HasSession ? request.Session : null),
            [.. request.Kinds.Select(kind => EventMessages.ReadKind(kind, "kinds"))])
        {
            Created = Range(request.HasCreatedFrom ? request.CreatedFrom : null, request.HasCreatedTo ? request.CreatedTo : null),
            Updated = Range(request.HasUpdatedFrom ? request.UpdatedFrom : null, request.HasUpdatedTo ? request.UpdatedTo : null),
            LeastSimilarity = request.HasLeastSimilarity ? request.LeastSimilarity : null,
            Ids = request.Ids.Count == 0 ? null : [.. request.Ids.Select((id, number) => EventMessages.ReadId(id.Span, $"ids[{number}]")).Distinct()],
        };
    }

    public static SearchReply Write(SearchResult result)
    {
        var reply = new SearchReply { Exhausted = result.Exhausted };
        reply.Hits.AddRange(result.Hits.Select(Write));
        reply.Seen.AddRange(result.Seen.Select(seen => new PartitionPosition { Partition = seen.Key.Value, Position = seen.Value.Value }));
        reply.Unknown.AddRange(result.Unknown.Select(Write));
        return reply;
    }

    public static KeyValuePair<Partition, Position> Read(PartitionPosition message) => message.Partition < Partition.Count
        ? KeyValuePair.Create(new Partition((byte)message.Partition), new Position(message.Position))
        : throw Refusal.Invalid("at_least", "There are 256 partitions.");

    private static TimeRange Range(long? from, long? to) => new(from ?? TimeRange.Any.From, to ?? TimeRange.Any.To);

    private static Hit Write(SearchHit hit) => new() { Id = Write(hit.Id), Version = hit.Version, Similarity = hit.Similarity };

    private static ByteString Write(MemoryId id)
    {
        Span<byte> bytes = stackalloc byte[MemoryId.Size];
        id.Write(bytes);
        return ByteString.CopyFrom(bytes);
    }
}
