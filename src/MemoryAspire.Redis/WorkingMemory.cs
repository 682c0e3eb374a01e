using System.Collections.Frozen;
using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Postgres.Memories;
using MemoryAspire.Redis.Applying;
using MemoryAspire.Redis.Control;
using MemoryAspire.Redis.Scripts;
using MemoryAspire.Redis.Values;
using StackExchange.Redis;

namespace MemoryAspire.Redis;

/// <summary>
/// The working memory of one database. Every method throws what StackExchange.Redis throws when Redis is away.
/// </summary>
public sealed class WorkingMemory
{
    private readonly IConnectionMultiplexer _redis;
    private readonly TimeProvider _time;
    private readonly ScriptSet _scripts;

    public WorkingMemory(IConnectionMultiplexer redis, TimeProvider time)
        : this(redis, time, ScriptSet.Shipped)
    {
    }

    internal WorkingMemory(IConnectionMultiplexer redis, TimeProvider time, ScriptSet scripts) => (_redis, _time, _scripts) = (redis, time, scripts);

    private IDatabase Database => _redis.GetDatabase();

    /// <summary>Whether Redis may answer a read at this level, and with what. One round trip.</summary>
    /// <param name="atLeast">The position the reader's token has seen in the memory's partition.</param>
    public async Task<RedisRead> ReadAsync(string tenant, MemoryId id, ReadLevel level, Position atLeast, Incarnation incarnation)
    {
        if (level == ReadLevel.Strong) return new RedisRead(ReadVerdict.Unasked, null, Position.None);
        var database = Database;

        // Each may only be newer than the one before it says. Control before the value: the value has at least what is
        // applied. The intent before the value: without one, the value is from before the transaction was prepared, or
        // from after it was released, when all of it was applied.
        var reading = database.HashGetAsync(Keys.Control(id.Partition), PartitionControl.Fields);
        var intended = database.KeyExistsAsync(Keys.Intent(id));
        var value = database.HashGetAsync(Keys.Memory(id), CachedMemory.Fields);
        var held = CachedMemory.Read(await value);
        var control = PartitionControl.Read(await reading);
        var verdict = ReadDecision.Of(level, atLeast, incarnation, tenant, _time.GetUtcNow(), control, await intended, held);
        return new RedisRead(verdict, verdict == ReadVerdict.Served ? held : null, control?.Applied ?? Position.None);
    }

    /// <summary>Caches a row; false when it was refused, because Redis has met a newer state.</summary>
    /// <param name="head">The head of the partition in the snapshot that the row was read in.</param>
    public async Task<bool> FillAsync(StoredMemory stored, Position head, Incarnation incarnation)
    {
        var memory = stored.Record.Memory;
        var ttl = ValueLife.Left(memory, _time.GetUtcNow());
        if (ttl <= TimeSpan.Zero) return false;
        var result = await Database.ScriptEvaluateAsync(
            _scripts.Fill,
            [Keys.Control(memory.Id.Partition), Keys.Memory(memory.Id)],
            [
                incarnation.ToString(), head.Value, memory.Version, stored.Position.Value, ValueLife.Milliseconds(ttl),
                .. CachedMemory.Arguments(stored.Record, stored.Span),
            ]);
        return (int)result == 1;
    }

    /// <summary>
    /// Applies events, pipelined; those of one transaction in a partition become visible in one step. How far each
    /// partition is then applied, but for those that have no epoch: they refused an event. Where one took its events, each
    /// is reflected, and the partition is applied up to it as soon as those before it are.
    /// </summary>
    /// <param name="releasing">
    /// Transactions whose intents are released with their events. It may name only those that have one partition: with
    /// several, nothing may be released before all have taken their events.
    /// </param>
    public async Task<IReadOnlyDictionary<Partition, Position>> ApplyAsync(
        IReadOnlyList<MemoryEvent> events, Incarnation incarnation, IReadOnlySet<Guid>? releasing = null)
    {
        var database = Database;
        var replies = ApplyCalls.Of(events, releasing ?? FrozenSet<Guid>.Empty, incarnation, _time.GetUtcNow())
            .Select(call => (call.Partition, Reply: database.ScriptEvaluateAsync(_scripts.Apply, call.Keys, call.Arguments)))
            .ToList();
        await Task.WhenAll(replies.Select(reply => reply.Reply));

        // An epoch may have begun between two calls: what the first brought need not be in it.
        return replies.GroupBy(reply => reply.Partition, reply => reply.Reply.Result)
            .Where(partition => partition.All(result => !result.IsNull))
            .ToDictionary(partition => partition.Key, partition => new Position((long)partition.Last()));
    }

    /// <summary>The control keys of some partitions, pipelined; null where there is none.</summary>
    public async Task<IReadOnlyDictionary<Partition, PartitionControl?>> ReadControlsAsync(IEnumerable<Partition> partitions)
    {
        var database = Database;
        var replies = partitions.Select(partition => (partition, Reply: database.HashGetAsync(Keys.Control(partition), PartitionControl.Fields))).ToList();
        var controls = new Dictionary<Partition, PartitionControl?>();
        foreach (var (partition, reply) in replies) controls[partition] = PartitionControl.Read(await reply);
        return controls;
    }

    /// <summary>Announces that an epoch is about to begin; the head must be read after this returns.</summary>
    public Task AnnounceEpochAsync(Partition partition, string nonce) =>
        Database.StringSetAsync(Keys.Starting(partition), nonce, TimeSpan.FromMinutes(1));

    /// <summary>Begins an epoch at a head; false when another did, or announced later.</summary>
    public async Task<bool> BeginEpochAsync(Partition partition, string nonce, string epoch, Incarnation incarnation, Position head)
    {
        var result = await Database.ScriptEvaluateAsync(
            _scripts.Begin, [Keys.Control(partition), Keys.Starting(partition)], [nonce, epoch, incarnation.ToString(), head.Value]);
        return (int)result == 1;
    }

    /// <summary>Ends an epoch: its values no longer count.</summary>
    public Task EndEpochAsync(Partition partition, string epoch) =>
        Database.ScriptEvaluateAsync(_scripts.End, [Keys.Control(partition)], [epoch]);

    /// <summary>The version held in the current epoch, whoever may read it; null when there is none that counts.</summary>
    public async Task<long?> ReadVersionAsync(MemoryId id, Incarnation incarnation)
    {
        var database = Database;
        var reading = database.HashGetAsync(Keys.Control(id.Partition), PartitionControl.Fields);
        var value = database.HashGetAsync(Keys.Memory(id), CachedMemory.Fields);
        var held = CachedMemory.Read(await value);
        var control = PartitionControl.Read(await reading);
        return held is not null && control is not null && control.Incarnation == incarnation && held.Epoch == control.Epoch ? held.Version : null;
    }
}
