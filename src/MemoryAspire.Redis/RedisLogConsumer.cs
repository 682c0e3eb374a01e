using System.Globalization;
using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Postgres.Log;
using MemoryAspire.Redis.Control;

namespace MemoryAspire.Redis;

/// <summary>
/// Keeps Redis applied to the log. Begins an epoch where a partition has none, and ends one that belongs to
/// another database or has come further than the log: PostgreSQL was restored.
/// </summary>
public sealed class RedisLogConsumer(WorkingMemory memory, EventLog log, Random random) : ILogConsumer
{
    private readonly Position[] _applied = new Position[Partition.Count];

    public string? VectorsOf => null;

    /// <summary>The positions as of the last pass, for measuring lag.</summary>
    public Position Applied(Partition partition) => _applied[partition.Value];

    public async Task<IReadOnlyList<Position>> ReadAppliedAsync(LogHeads heads, CancellationToken cancellationToken)
    {
        var controls = await memory.ReadControlsAsync(Partition.All);
        if (controls.Any(pair => pair.Value is null || IsForeign(pair.Value, heads, pair.Key)))
        {
            await RenewAsync(controls, cancellationToken);
            controls = await memory.ReadControlsAsync(Partition.All);
        }

        foreach (var (partition, control) in controls)
        {
            // Still none: another follower is beginning it. Nothing can be applied there before the next pass.
            _applied[partition.Value] = control?.Applied ?? heads[partition];
        }

        return _applied;
    }

    public async Task ApplyAsync(LogHeads heads, IReadOnlyList<MemoryEvent> events, CancellationToken cancellationToken)
    {
        foreach (var (partition, position) in await memory.ApplyAsync(events, heads.Incarnation)) _applied[partition.Value] = position;
    }

    private static bool IsForeign(PartitionControl control, LogHeads heads, Partition partition) =>
        control.Incarnation != heads.Incarnation || control.Applied > heads[partition];

    private async Task RenewAsync(IReadOnlyDictionary<Partition, PartitionControl?> controls, CancellationToken cancellationToken)
    {
        // What looked too far may only have been written since the heads were read: compare with newer ones.
        var heads = await log.ReadHeadsAsync(cancellationToken);
        var foreign = controls.Where(pair => pair.Value is { } control && IsForeign(control, heads, pair.Key)).ToList();
        await Task.WhenAll(foreign.Select(pair => memory.EndEpochAsync(pair.Key, pair.Value!.Epoch)));
        var without = controls.Where(pair => pair.Value is null).Concat(foreign).Select(pair => pair.Key).ToList();

        var nonce = RandomText();
        await Task.WhenAll(without.Select(partition => memory.AnnounceEpochAsync(partition, nonce)));
        heads = await log.ReadHeadsAsync(cancellationToken);
        await Task.WhenAll(without.Select(partition =>
            memory.BeginEpochAsync(partition, nonce, RandomText(), heads.Incarnation, heads[partition])));
    }

    private string RandomText() => random.NextInt64().ToString("x16", CultureInfo.InvariantCulture);
}
