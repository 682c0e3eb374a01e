using Grpc.Core;
using MemoryAspire.Contracts.Index;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Faiss;
using MemoryAspire.Index;
using MemoryAspire.Index.Comparing;
using MemoryAspire.IndexService.Hosting;
using MemoryAspire.IndexService.Protocol;

namespace MemoryAspire.IndexService.Repairing;

/// <summary>Comparing and repairing, over the engine. What each call promises is said in index.proto.</summary>
internal sealed class IndexRepairService(
    SemanticIndex index, IndexProgress progress, RepairEpochs epochs, HeldRepair held, TimeProvider time) : MemoryIndexRepair.MemoryIndexRepairBase
{
    public override Task<DigestsReply> Digests(DigestsRequest request, ServerCallContext context) => ServeAsync(request.Epoch, async () =>
    {
        var at = request.At.Select(SearchMessages.Read).ToList();
        await index.ForAsync(at, request.WaitMilliseconds, time, context.CancellationToken);
        var reply = new DigestsReply();
        foreach (var (partition, position) in at)
        {
            var (state, found) = index.StateAt(new Incarnation(request.Incarnation), request.Generation, partition, position);
            reply.Entries.Add(new DigestsReply.Types.Entry { State = (DigestsReply.Types.State)state, Count = found.Count, Digest = found.Digest });
        }

        return reply;
    });

    public override Task<RangesReply> Ranges(RangesRequest request, ServerCallContext context) => ServeAsync(request.Epoch, async () =>
    {
        var ranges = request.Ranges.Select((range, number) => (Range: RepairMessages.Read(range, number), Asked: range)).ToList();
        var partitions = ranges.Select(range => range.Range.Partition).ToHashSet();
        var records = await index.RecordsAsync(new Incarnation(request.Incarnation), request.Generation, partitions, request.StoredBytes, context.CancellationToken);
        var reply = new RangesReply();
        foreach (var (range, asked) in ranges) reply.Ranges.Add(RepairMessages.Compare(records.In(range), asked));
        return reply;
    });

    public override Task<RepairReply> Repair(RepairRequest request, ServerCallContext context) => ServeAsync(request.Epoch, async () =>
    {
        var repair = RepairMessages.Read(request, index.Identity?.Dimension ?? 0);
        await index.ForAsync([KeyValuePair.Create(repair.Partition, repair.At)], request.WaitMilliseconds, time, context.CancellationToken);
        var states = await index.RepairAsync(new Incarnation(request.Incarnation), request.Generation, repair, context.CancellationToken);
        return RepairMessages.Write(states?.Select(state => (RecordState?)state));
    });

    public override Task<RepairReply> RepairHeld(RepairHeldRequest request, ServerCallContext context) => ServeAsync(request.Epoch, async () =>
    {
        var partition = RepairMessages.ReadPartition(request.Partition, "partition");
        var ids = request.Ids.Select((id, number) => EventMessages.ReadId(id.Span, $"ids[{number}]")).ToList();
        var outcome = await held.RunAsync(new Incarnation(request.Incarnation), request.Generation, partition, ids, request.CompareOnly, context.CancellationToken);
        return RepairMessages.Write(outcome?.States);
    });

    private async Task<T> ServeAsync<T>(long epoch, Func<Task<T>> serve)
    {
        if (progress.State == IndexState.Loading) throw Refusal.Loading();
        if (!epochs.Admit(epoch)) throw Refusal.OtherGeneration($"Epoch {epoch} is over: a later leader has called.");
        try
        {
            return await serve();
        }
        catch (IndexIdentityException exception)
        {
            throw Refusal.OtherGeneration(exception.Message);
        }
        catch (CapacityExceededException exception)
        {
            throw Refusal.Full(exception.Message);
        }
    }
}

internal static class IndexRepairRegistration
{
    extension(IHostApplicationBuilder builder)
    {
        /// <summary>Needs episodic memory among the services.</summary>
        public void AddIndexRepair() => builder.Services.AddSingleton<RepairEpochs>().AddSingleton<HeldRepair>();
    }

    extension(WebApplication app)
    {
        public void MapIndexRepair() => app.MapGrpcService<IndexRepairService>();
    }
}
