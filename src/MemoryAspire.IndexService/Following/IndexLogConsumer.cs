using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Index;
using MemoryAspire.Postgres.Log;
using MemoryAspire.Postgres.Schema;

namespace MemoryAspire.IndexService.Following;

/// <summary>
/// Brings the log into the index. The live generation decides what the index is of; without one there is nothing
/// to follow yet.
/// </summary>
internal sealed class IndexLogConsumer(SemanticIndex index, Generations generations, EventLog log, IndexEventConversion conversion, ILogger<IndexLogConsumer> logger) : ILogConsumer
{
    private Generation? _generation;

    public string? VectorsOf => _generation?.Model;

    public async Task<IReadOnlyList<Position>> ReadAppliedAsync(LogHeads heads, CancellationToken cancellationToken)
    {
        _generation = await generations.ReadLiveAsync(cancellationToken);
        if (_generation is null) return [.. Partition.All.Select(partition => heads[partition])];
        await index.AdoptAsync(new IndexIdentity(heads.Incarnation, _generation.Number, _generation.Dimension), cancellationToken);
        var applied = Applied();
        if (AheadOf(heads, applied) is null) return applied;

        // A push may have come after the heads were read. What is beyond heads read now is beyond the log.
        if (AheadOf(await log.ReadHeadsAsync(cancellationToken), applied) is not { } ahead) return applied;
        logger.AheadOfLog(ahead.Value);
        await index.ClearAsync(cancellationToken);
        return Applied();
    }

    public Task ApplyAsync(LogHeads heads, IReadOnlyList<MemoryEvent> events, CancellationToken cancellationToken)
    {
        var generation = _generation ?? throw new InvalidOperationException("Events came without a generation.");
        return index.ApplyAsync(heads.Incarnation, generation.Number, [.. events.Select(@event => conversion.ToIndex(@event, generation.Dimension))], cancellationToken);
    }

    private Position[] Applied() => [.. index.Status.Partitions.Select(partition => partition.Applied)];

    private static Partition? AheadOf(LogHeads heads, Position[] applied)
    {
        foreach (var partition in Partition.All)
        {
            if (applied[partition.Value] > heads[partition]) return partition;
        }

        return null;
    }
}
