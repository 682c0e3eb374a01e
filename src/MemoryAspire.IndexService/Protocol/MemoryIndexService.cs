using Google.Protobuf;
using Grpc.Core;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Index;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Faiss;
using MemoryAspire.Index;
using MemoryAspire.IndexService.Hosting;

namespace MemoryAspire.IndexService.Protocol;

/// <summary>The index's protocol, over the engine. What each call promises is said in index.proto.</summary>
internal sealed class MemoryIndexService(SemanticIndex index, IndexProgress progress, TimeProvider time) : MemoryIndex.MemoryIndexBase
{
    private const uint LeaseMax = 65_536;

    public override async Task<SearchReply> Search(SearchRequest request, ServerCallContext context)
    {
        var query = SearchMessages.Read(request, Require(request.Incarnation, request.Generation));
        if (!await index.ForAsync(request.AtLeast.Select(SearchMessages.Read), request.WaitMilliseconds, time, context.CancellationToken)) throw Refusal.Behind();
        try
        {
            return SearchMessages.Write(index.Search(new Incarnation(request.Incarnation), request.Generation, query, context.CancellationToken));
        }
        catch (IndexIdentityException exception)
        {
            throw Refusal.OtherGeneration(exception.Message);
        }
        catch (OperationCanceledException)
        {
            // The caller has gone, or its deadline has: nobody reads this.
            throw new RpcException(new Status(StatusCode.Cancelled, "The search was cancelled."));
        }
    }

    public override Task<PrepareReply> Prepare(PrepareRequest request, ServerCallContext context)
    {
        Require(request.Incarnation, request.Generation);
        var proposals = request.Transactions.Select(PrepareMessages.Read).ToList();
        try
        {
            return Task.FromResult(PrepareMessages.Write(index.Prepare(new Incarnation(request.Incarnation), request.Generation, proposals)));
        }
        catch (IndexIdentityException exception)
        {
            throw Refusal.OtherGeneration(exception.Message);
        }
    }

    public override Task<LeaseReply> Lease(LeaseRequest request, ServerCallContext context)
    {
        Require(request.Incarnation, request.Generation);
        if (request.Wanted is 0 or > LeaseMax) throw Refusal.Invalid("wanted", $"A lease is for 1 to {LeaseMax} vectors.");
        var holder = EventMessages.ReadHolder(request.Holder.Span, "holder");
        try
        {
            var granted = index.Lease(new Incarnation(request.Incarnation), request.Generation, holder, (int)request.Wanted);
            return Task.FromResult(new LeaseReply { Granted = (uint)granted });
        }
        catch (IndexIdentityException exception)
        {
            throw Refusal.OtherGeneration(exception.Message);
        }
    }

    public override Task<AbortReply> Abort(AbortRequest request, ServerCallContext context)
    {
        Require(request.Incarnation, request.Generation);
        try
        {
            index.Abort(new Incarnation(request.Incarnation), request.Generation, ReadTransactions(request.Transactions));
        }
        catch (IndexIdentityException exception)
        {
            throw Refusal.OtherGeneration(exception.Message);
        }

        return Task.FromResult(new AbortReply());
    }

    public override async Task<ApplyReply> Apply(ApplyRequest request, ServerCallContext context)
    {
        var dimension = Require(request.Incarnation, request.Generation);
        var events = request.Events.Select((@event, number) => EventMessages.Read(@event, number, dimension)).ToList();
        var settled = ReadTransactions(request.Transactions);
        Guid? holder = request.Holder.IsEmpty ? null : EventMessages.ReadHolder(request.Holder.Span, "holder");
        try
        {
            index.Settle(new Incarnation(request.Incarnation), request.Generation, settled, events, holder);
            await index.ApplyAsync(new Incarnation(request.Incarnation), request.Generation, events, context.CancellationToken);
        }
        catch (IndexIdentityException exception)
        {
            throw Refusal.OtherGeneration(exception.Message);
        }
        catch (CapacityExceededException exception)
        {
            throw Refusal.Full(exception.Message);
        }

        var last = events.GroupBy(@event => @event.Partition).Select(group => KeyValuePair.Create(group.Key, group.Max(@event => @event.Position))).ToList();
        await index.ForAsync(last, request.WaitMilliseconds, time, context.CancellationToken);
        var partitions = index.Status.Partitions;
        var reply = new ApplyReply();
        reply.Applied.AddRange(last.Select(pair => new PartitionPosition { Partition = pair.Key.Value, Position = partitions[pair.Key.Value].Applied.Value }));
        return reply;
    }

    public override Task<StatusReply> Status(StatusRequest request, ServerCallContext context)
    {
        var status = index.Status;
        var reply = new StatusReply
        {
            Incarnation = status.Identity?.Incarnation.Value ?? 0,
            Generation = status.Identity?.Generation ?? 0,
            Dimension = (uint)(status.Identity?.Dimension ?? 0),
            Vectors = status.Vectors,
            Memories = status.Memories,
            State = (StatusReply.Types.State)progress.State,
        };
        reply.Partitions.AddRange(status.Partitions.Select(partition => new PartitionStatus
        {
            Position = partition.Applied.Value,
            Count = partition.Count,
            Digest = partition.Digest,
        }));
        return Task.FromResult(reply);
    }

    public override Task<LookupReply> Lookup(LookupRequest request, ServerCallContext context)
    {
        var reply = new LookupReply();
        reply.Entries.AddRange(request.Ids.Select((id, number) => Find(EventMessages.ReadId(id.Span, $"ids[{number}]"))));
        return Task.FromResult(reply);
    }

    public override async Task<PurgeReply> Purge(PurgeRequest request, ServerCallContext context)
    {
        Require(request.Incarnation, request.Generation);
        if (!await index.ForAsync(request.AtLeast.Select(SearchMessages.Read), request.WaitMilliseconds, time, context.CancellationToken)) throw Refusal.Behind();
        return await index.PurgeAsync(context.CancellationToken) ? new PurgeReply() : throw Refusal.NotWritten();
    }

    private static List<Guid> ReadTransactions(IEnumerable<ByteString> ids) =>
        [.. ids.Select((id, number) => EventMessages.ReadTransaction(id.Span, $"transactions[{number}]"))];

    private LookupReply.Types.Entry Find(MemoryId id) => index.Find(id) is { } found
        ? new LookupReply.Types.Entry { Version = found.Version, Digest = found.Digest, HasVector = found.HasVector }
        : new LookupReply.Types.Entry();

    /// <summary>The dimension of the generation named, which must be the one served.</summary>
    private int Require(uint incarnation, long generation)
    {
        if (progress.State == IndexState.Loading) throw Refusal.Loading();
        return index.Identity is { } identity && identity.Incarnation.Value == incarnation && identity.Generation == generation
            ? identity.Dimension
            : throw Refusal.OtherGeneration(index.Identity is { } other
                ? $"The index serves generation {other.Generation} of database {other.Incarnation}."
                : "The index has no generation yet.");
    }
}
