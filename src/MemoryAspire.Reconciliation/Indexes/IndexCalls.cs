using Google.Protobuf;
using Grpc.Core;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Index;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Coordination.Database;
using MemoryAspire.Coordination.Participants;
using MemoryAspire.Postgres.Memories;
using MemoryAspire.Postgres.Reconciliation;
using MemoryAspire.Reconciliation.Reports;

namespace MemoryAspire.Reconciliation.Indexes;

/// <summary>
/// Calls of the index by one who compares, for one database and generation; what goes to and fro is counted.
/// Comparing takes longer than what the usual pipelines allow, and nobody waits for it.
/// </summary>
/// <param name="epoch">The leader's; 0: not a leader.</param>
public sealed class IndexCalls(MemoryIndexRepair.MemoryIndexRepairClient client, DatabaseState database, long epoch, Tally tally, TimeProvider time)
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public DatabaseState Database => database;

    public async Task<DigestsReply> DigestsAsync(IEnumerable<PartitionSum> sums, CancellationToken cancellationToken)
    {
        var request = new DigestsRequest
        {
            Incarnation = database.Incarnation.Value, Generation = database.Generation.Number, Epoch = epoch, WaitMilliseconds = (uint)Wait.TotalMilliseconds,
        };
        request.At.AddRange(sums.Select(sum => KeyValuePair.Create(sum.Partition, sum.Head).ToMessage()));
        return await CallAsync(request, client.DigestsAsync, cancellationToken);
    }

    public async Task<RangesReply> RangesAsync(IEnumerable<(RangeSum Sum, bool List)> ranges, bool storedBytes, CancellationToken cancellationToken)
    {
        var request = new RangesRequest { Incarnation = database.Incarnation.Value, Generation = database.Generation.Number, Epoch = epoch, StoredBytes = storedBytes };
        request.Ranges.AddRange(ranges.Select(range => new RangesRequest.Types.Range
        {
            Partition = range.Sum.Range.Partition.Value,
            From = range.Sum.Range.From?.ToBytes() ?? ByteString.Empty,
            Until = range.Sum.Range.Until?.ToBytes() ?? ByteString.Empty,
            Count = range.Sum.Count,
            Digest = range.Sum.Digest,
            List = range.List,
        }));
        return await CallAsync(request, client.RangesAsync, cancellationToken);
    }

    public async Task<RepairReply> RepairAsync(
        Partition partition, Position at, IEnumerable<(MemoryId Id, StoredMemory? Row)> targets, bool compareOnly, CancellationToken cancellationToken)
    {
        var request = new RepairRequest
        {
            Incarnation = database.Incarnation.Value,
            Generation = database.Generation.Number,
            Epoch = epoch,
            At = KeyValuePair.Create(partition, at).ToMessage(),
            CompareOnly = compareOnly,
            WaitMilliseconds = (uint)Wait.TotalMilliseconds,
        };

        // A target's own position means nothing, but must be one.
        request.Targets.AddRange(targets.Select(target => RowStates.ToEvent(target.Id, target.Row, at == Position.None ? at.Next : at).ToMessage()));
        return await CallAsync(request, client.RepairAsync, cancellationToken);
    }

    public async Task<RepairReply> RepairHeldAsync(Partition partition, IEnumerable<MemoryId> ids, bool compareOnly, CancellationToken cancellationToken)
    {
        var request = new RepairHeldRequest
        {
            Incarnation = database.Incarnation.Value, Generation = database.Generation.Number, Epoch = epoch, Partition = partition.Value, CompareOnly = compareOnly,
        };
        request.Ids.AddRange(ids.Select(id => id.ToBytes()));
        return await CallAsync(request, client.RepairHeldAsync, cancellationToken);
    }

    private async Task<TReply> CallAsync<TRequest, TReply>(
        TRequest request, Func<TRequest, CallOptions, AsyncUnaryCall<TReply>> call, CancellationToken cancellationToken)
        where TRequest : IMessage
        where TReply : IMessage
    {
        var reply = await call(request, new CallOptions(deadline: (time.GetUtcNow() + Patience).UtcDateTime, cancellationToken: cancellationToken));
        tally.Moved(Kinds.Index, request.CalculateSize() + reply.CalculateSize());
        return reply;
    }
}
