using System.Runtime.InteropServices;
using Google.Protobuf;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Index;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Index.Searching;

namespace MemoryAspire.IndexService.Protocol;

/// <summary>Reads searches of the protocol and writes their answers.</summary>
internal static class SearchMessages
{
    private const uint HitsMax = 10_000;

    /// <exception cref="Grpc.Core.RpcException">A field is wrong; it is named.</exception>
    public static SearchQuery Read(SearchRequest request, int dimension)
    {
        if (VectorCheck.Problem(request.Vector.Span, dimension) is { } problem) throw Refusal.Invalid("vector", problem);
        if (request.K is 0 or > HitsMax) throw Refusal.Invalid("k", $"k is 1..{HitsMax}.");
        if (request.Tenant.Length == 0) throw Refusal.Invalid("tenant", "A search belongs to a tenant.");
        return new SearchQuery(
            MemoryMarshal.Cast<byte, float>(request.Vector.Span).ToArray(),
            (int)request.K,
            request.Tenant,
            new Scope(
                request.HasUser ? request.User : null,
                request.HasAgent ? request.Agent : null,
                request.HasSession ? request.Session : null),
            [.. request.Kinds.Select(kind => EventMessages.ReadKind(kind, "kinds"))]);
    }

    public static SearchReply Write(SearchResult result)
    {
        var reply = new SearchReply { Exhausted = result.Exhausted };
        reply.Hits.AddRange(result.Hits.Select(Write));
        reply.Seen.AddRange(result.Seen.Select(seen => new PartitionPosition { Partition = seen.Key.Value, Position = seen.Value.Value }));
        return reply;
    }

    public static KeyValuePair<Partition, Position> Read(PartitionPosition message) => message.Partition < Partition.Count
        ? KeyValuePair.Create(new Partition((byte)message.Partition), new Position(message.Position))
        : throw Refusal.Invalid("at_least", "There are 256 partitions.");

    private static Hit Write(SearchHit hit)
    {
        Span<byte> id = stackalloc byte[MemoryId.Size];
        hit.Id.Write(id);
        return new Hit { Id = ByteString.CopyFrom(id), Version = hit.Version, Similarity = hit.Similarity };
    }
}
