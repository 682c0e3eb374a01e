using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Redis.Scripts;
using StackExchange.Redis;

namespace MemoryAspire.Redis.Intents;

/// <summary>
/// Puts intents on memories and takes them away. Every method throws what StackExchange.Redis throws when Redis is away.
/// </summary>
public sealed class MemoryIntents(IConnectionMultiplexer redis)
{
    /// <summary>
    /// How long an intent lasts that nobody releases. It must outlast its transaction's COMMIT and apply: a write may
    /// take 15 s, asking for an outcome whose answer was lost 5 s, and applying half a second. What it costs when the
    /// coordinator dies is that the memory is read from PostgreSQL meanwhile.
    /// </summary>
    public static readonly TimeSpan TimeToLive = TimeSpan.FromSeconds(30);

    /// <summary>Puts intents, one call per partition, pipelined: one round trip.</summary>
    /// <param name="asked">Partitions to ask about beside those of the intents.</param>
    /// <returns>Those of all these partitions that have an epoch of this incarnation; the others take no part in anything.</returns>
    public async Task<IReadOnlySet<Partition>> PrepareAsync(
        IReadOnlyCollection<Intent> intents, IEnumerable<Partition> asked, Incarnation incarnation)
    {
        var database = redis.GetDatabase();
        var byPartition = intents.ToLookup(intent => intent.Memory.Partition);
        var calls = byPartition.Select(group => group.Key).Union(asked).Select(partition => (
            Partition: partition,
            Reply: database.ScriptEvaluateAsync(
                Script.Prepare,
                [Keys.Control(partition), .. byPartition[partition].Select(intent => Keys.Intent(intent.Memory))],
                [incarnation.ToString(), (long)TimeToLive.TotalMilliseconds, .. byPartition[partition].Select(Field)]))).ToList();
        await Task.WhenAll(calls.Select(call => call.Reply));
        return calls.Where(call => (int)call.Reply.Result == 1).Select(call => call.Partition).ToHashSet();
    }

    /// <summary>Releases intents, pipelined. Those that are not there do no harm.</summary>
    public Task ReleaseAsync(IEnumerable<Intent> intents)
    {
        var database = redis.GetDatabase();
        return Task.WhenAll(intents.GroupBy(intent => intent.Memory.Partition).Select(group => database.ScriptEvaluateAsync(
            Script.Release, [.. group.Select(intent => Keys.Intent(intent.Memory))], [.. group.Select(Field)])));
    }

    /// <summary>A transaction's field in an intent.</summary>
    internal static RedisValue Field(Intent intent) => intent.Transaction.ToString("N");
}
