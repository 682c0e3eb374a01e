using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Postgres.Memories;
using MemoryAspire.Redis.Control;
using MemoryAspire.Redis.Scripts;
using MemoryAspire.Redis.Values;
using StackExchange.Redis;

namespace MemoryAspire.Redis;

/// <summary>
/// The working memory of one database. Every method throws what StackExchange.Redis throws when Redis is away.
/// </summary>
public sealed class WorkingMemory(IConnectionMultiplexer redis, TimeProvider time)
{
    /// <summary>How long a value stays unless it expires earlier.</summary>
    public static readonly TimeSpan TimeToLive = TimeSpan.FromSeconds(3600);

    private IDatabase Database => redis.GetDatabase();

    /// <summary>The value that may answer a read at this level; null sends the reader to PostgreSQL. One round trip.</summary>
    /// <param name="atLeast">The position the reader's token has seen in the memory's partition.</param>
    public async Task<CachedMemory?> ReadAsync(string tenant, MemoryId id, ReadLevel level, Position atLeast, Incarnation incarnation)
    {
        if (level == ReadLevel.Strong) return null;
        var database = Database;

        // Control goes first: a value read after it can only be newer than it says.
        var control = database.HashGetAsync(Keys.Control(id.Partition), PartitionControl.Fields);
        var value = database.HashGetAsync(Keys.Memory(id), CachedMemory.Fields);
        var held = CachedMemory.Read(await value);
        return ReadDecision.Serves(level, atLeast, incarnation, tenant, time.GetUtcNow(), PartitionControl.Read(await control), held) ? held : null;
    }

    /// <summary>Caches a row; false when it was refused, because Redis has met a newer state.</summary>
    /// <param name="head">The head of the partition in the snapshot that the row was read in.</param>
    public async Task<bool> FillAsync(StoredMemory stored, Position head, Incarnation incarnation)
    {
        var memory = stored.Record.Memory;
        var ttl = TimeToLiveOf(memory);
        if (ttl <= TimeSpan.Zero) return false;
        var result = await Database.ScriptEvaluateAsync(
            Script.Fill,
            [Keys.Control(memory.Id.Partition), Keys.Memory(memory.Id)],
            [incarnation.ToString(), head.Value, memory.Version, stored.Position.Value, Milliseconds(ttl), .. CachedMemory.Arguments(stored.Record)]);
        return (int)result == 1;
    }

    /// <summary>
    /// Applies events, pipelined. True when every one's partition has an epoch and took it; then each partition
    /// is applied up to the events' positions as soon as those before them are.
    /// </summary>
    public async Task<IReadOnlyDictionary<Partition, Position>> ApplyAsync(IReadOnlyList<MemoryEvent> events, Incarnation incarnation)
    {
        var database = Database;
        var replies = events.Select(@event => (@event.Partition, Reply: ApplyAsync(database, @event, incarnation))).ToList();
        var applied = new Dictionary<Partition, Position>();
        foreach (var (partition, reply) in replies)
        {
            var result = await reply;
            if (!result.IsNull) applied[partition] = new Position((long)result);
            else applied.Remove(partition);
        }

        return applied;
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
            Script.Begin, [Keys.Control(partition), Keys.Starting(partition)], [nonce, epoch, incarnation.ToString(), head.Value]);
        return (int)result == 1;
    }

    /// <summary>Ends an epoch: its values no longer count.</summary>
    public Task EndEpochAsync(Partition partition, string epoch) =>
        Database.ScriptEvaluateAsync(Script.End, [Keys.Control(partition)], [epoch]);

    private Task<RedisResult> ApplyAsync(IDatabase database, MemoryEvent @event, Incarnation incarnation)
    {
        RedisValue[] value = ["", "", "", ""];
        var ttl = TimeSpan.Zero;
        if (@event.State is { } state)
        {
            value = CachedMemory.Arguments(state);
            ttl = TimeToLiveOf(state.Memory);
        }

        return database.ScriptEvaluateAsync(
            Script.Apply,
            [Keys.Control(@event.Partition), Keys.Memory(@event.MemoryId)],
            [incarnation.ToString(), @event.Position.Value, @event.Version, @event.Removes ? 1 : 0, Milliseconds(ttl), .. value]);
    }

    private TimeSpan TimeToLiveOf(Memory memory)
    {
        if (memory.ExpiresAt is not { } expires) return TimeToLive;
        var left = expires - time.GetUtcNow();
        return left < TimeToLive ? left : TimeToLive;
    }

    private static long Milliseconds(TimeSpan span) => Math.Max(0, (long)span.TotalMilliseconds);

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
