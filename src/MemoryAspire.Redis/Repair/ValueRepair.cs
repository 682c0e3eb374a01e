using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Postgres.Reconciliation;
using MemoryAspire.Redis.Scripts;
using MemoryAspire.Redis.Values;
using StackExchange.Redis;

namespace MemoryAspire.Redis.Repair;

/// <summary>What a comparison of some values found; each was wrong beyond doubt.</summary>
/// <param name="Compared">Values that belong to the present epoch, or are damaged.</param>
/// <param name="Repaired">How many of the faults are no longer there; none when only looked for.</param>
public sealed record ValueFindings(int Compared, IReadOnlyList<ValueFault> Faults, int Repaired, long Bytes);

/// <summary>
/// Compares values with rows, and takes out what is wrong. A value is read before its row, and the row before how far the
/// partition is applied: a value that is not what the row says, in a partition that claims to have applied what made the row
/// so, and that is still there, is wrong. Before that it may only be on its way.
/// </summary>
public sealed class ValueRepair(IConnectionMultiplexer redis, WorkingMemory memory, RowStates rows, TimeProvider time)
{
    private const int LooksMax = 20;

    private static readonly TimeSpan LookPause = TimeSpan.FromMilliseconds(50);

    /// <summary>Throws what StackExchange.Redis and Npgsql throw when a store is away.</summary>
    /// <param name="repair">False: nothing is changed.</param>
    public async Task<ValueFindings> RunAsync(IReadOnlyList<MemoryId> ids, Incarnation incarnation, bool repair, CancellationToken cancellationToken) =>
        await RunAsync([.. ids.Select(Keys.Memory)], incarnation, repair, cancellationToken);

    /// <summary>The same for keys as a scan gives them.</summary>
    public async Task<ValueFindings> RunAsync(IReadOnlyList<RedisKey> keys, Incarnation incarnation, bool repair, CancellationToken cancellationToken)
    {
        var values = await ReadAsync(keys);
        var faults = new List<ValueFault>();
        var (compared, repaired) = (0, 0);
        var pending = values;
        for (var look = 1; pending.Count > 0; look++)
        {
            var ids = pending.Where(value => value.Memory is not null).Select(value => value.Memory!.Value).Distinct().ToList();
            var (found, heads) = await rows.ReadManyAsync(ids, cancellationToken);
            var controls = await memory.ReadControlsAsync(ids.Select(id => id.Partition).Distinct());
            var later = new List<HeldValue>();
            foreach (var value in pending)
            {
                var control = value.Memory is { } id && controls[id.Partition] is { } held && held.Incarnation == incarnation ? held : null;
                var row = value.Memory is { } named ? found.GetValueOrDefault(named) : null;
                if (value.Fault(control, row) is not { } fault)
                {
                    if (control is not null && control.Epoch == value.Value?.Epoch) compared++;
                    continue;
                }

                if (fault != ValueFault.Damaged && control!.Applied < (row?.Position ?? heads[value.Memory!.Value.Partition]))
                {
                    later.Add(value);
                    continue;
                }

                compared++;
                if (!await RemoveAsync(value, repair)) continue;
                faults.Add(fault);
                if (repair) repaired++;
            }

            pending = later;
            if (look == LooksMax) break;
            if (pending.Count > 0) await Task.Delay(LookPause, time, cancellationToken);
        }

        foreach (var value in values.Where(value => value is { Life: null, Value: not null }))
        {
            if (!await LimitAsync(value, repair)) continue;
            faults.Add(ValueFault.Endless);
            if (repair) repaired++;
        }

        return new ValueFindings(compared, faults, repaired, values.Sum(value => value.Bytes));
    }

    /// <summary>Those that are there, pipelined.</summary>
    private async Task<List<HeldValue>> ReadAsync(IReadOnlyList<RedisKey> keys)
    {
        var database = redis.GetDatabase();
        var replies = keys.Select(key => (Key: key, Fields: database.HashGetAsync(key, CachedMemory.Fields), Life: database.KeyTimeToLiveAsync(key), Is: database.KeyTypeAsync(key))).ToList();
        var values = new List<HeldValue>(replies.Count);
        foreach (var (key, reading, life, kind) in replies)
        {
            RedisValue[]? fields = null;
            try
            {
                fields = await reading;
            }
            catch (RedisServerException exception) when (exception.Kind == RedisErrorKind.WrongType || exception.Message.StartsWith("WRONGTYPE", StringComparison.Ordinal))
            {
                // It is no hash, so it is no value.
            }

            var left = await life;
            if (await kind != RedisType.None) values.Add(new HeldValue(key, Keys.MemoryOf(key), fields, left));
        }

        return values;
    }

    private async Task<bool> RemoveAsync(HeldValue value, bool repair)
    {
        RedisValue[] seen = value.Fields is { } fields ? [.. fields.Select(Seen)] : [.. CachedMemory.Fields.Select(_ => (RedisValue)"-")];
        return (int)await redis.GetDatabase().ScriptEvaluateAsync(Script.Remove, [value.Key], [repair ? "remove" : "look", .. seen]) == 1;
    }

    private async Task<bool> LimitAsync(HeldValue value, bool repair) =>
        (int)await redis.GetDatabase().ScriptEvaluateAsync(Script.Limit, [value.Key], [repair ? "limit" : "look", (long)ValueLife.Max.TotalMilliseconds]) == 1;

    private static RedisValue Seen(RedisValue field) => field.IsNull ? "-" : (byte[])[(byte)'+', .. (byte[])field!];
}
