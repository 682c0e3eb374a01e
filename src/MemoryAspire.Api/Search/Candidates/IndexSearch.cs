using Google.Protobuf;
using MemoryAspire.Api.Consistency;
using MemoryAspire.Api.Database;
using MemoryAspire.Api.ReadRepair;
using MemoryAspire.Api.Requests;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Coordination.Participants;
using MemoryAspire.ServiceDefaults.Resilience;
using Index = MemoryAspire.Contracts.Index;

namespace MemoryAspire.Api.Search;

/// <summary>Asks the index.</summary>
internal sealed class IndexSearch(Index.MemoryIndex.MemoryIndexClient client, StorePipelines pipelines, ReadVerifier verifier, DatabaseWatch watch, ILogger<IndexSearch> logger)
{
    /// <summary>The most candidates the index gives.</summary>
    public const int CountMax = 10_000;

    /// <summary>How long the index may take to reach the request's token.</summary>
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(500);

    /// <summary>The nearest memories; null when the index is away or has not caught up with the request's token.</summary>
    public async Task<Candidates?> FindAsync(CandidateQuery query, int count, RequestConsistency consistency, CancellationToken cancellationToken)
    {
        if (query.Ids is { Count: 0 }) return new Candidates([], true, []);
        var request = Ask(query, count, consistency.Required);
        try
        {
            var reply = await pipelines.Index.ExecuteAsync(async token => await client.SearchAsync(request, cancellationToken: token), cancellationToken);
            consistency.See(reply.Seen.Select(seen => KeyValuePair.Create(new Partition((byte)seen.Partition), new Position(seen.Position))));
            foreach (var hit in reply.Hits) verifier.Found(MemoryId.Read(hit.Id.Span));
            return new Candidates(
                [.. reply.Hits.Select(hit => new Candidate(MemoryId.Read(hit.Id.Span), hit.Version, hit.Similarity))],
                reply.Exhausted,
                [.. reply.Unknown.Select(id => MemoryId.Read(id.Span))]);
        }
        catch (Exception exception) when (IndexParticipant.CannotServe(exception) && !cancellationToken.IsCancellationRequested)
        {
            logger.IndexPassedOver(exception.Message);
            consistency.PassOver("index");
            return null;
        }
    }

    private Index.SearchRequest Ask(CandidateQuery query, int count, ConsistencyToken required)
    {
        var scope = query.Scope;
        var database = watch.Current;
        var request = new Index.SearchRequest
        {
            Incarnation = database.Incarnation.Value,
            Generation = database.Generation.Number,
            Vector = UnsafeByteOperations.UnsafeWrap(EmbeddingField.ToBytes(query.Vector.Span)),
            K = (uint)Math.Min(count, CountMax),
            Tenant = query.Tenant,
            WaitMilliseconds = (uint)Wait.TotalMilliseconds,
        };
        if (scope.User is { } user) request.User = user;
        if (scope.Agent is { } agent) request.Agent = agent;
        if (scope.Session is { } session) request.Session = session;

        request.Kinds.AddRange(query.Kinds.Select(kind => kind.ToText()));
        if (query.Ids is { } ids) request.Ids.AddRange(ids.Select(id => id.ToBytes()));

        // A user's memories are in one partition; how far the others have come does not matter then.
        var only = scope.User is null ? null : (Partition?)Partition.Of(query.Tenant, scope.User);
        request.AtLeast.AddRange(required.Positions.Where(seen => only is null || seen.Key == only).Select(IndexEvents.ToMessage));
        return request;
    }
}
