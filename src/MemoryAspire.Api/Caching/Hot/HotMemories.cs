using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Postgres.Log;
using MemoryAspire.Redis.Values;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using ZiggyCreatures.Caching.Fusion;

namespace MemoryAspire.Api.Caching.Hot;

/// <summary>
/// The memories that are read again and again, in this process. What makes an entry right is the same as in Redis: nothing is
/// taken in that reflects less than this process has met of the partition, and whatever the log or an own write says has
/// changed is thrown away before it counts as met. So every entry reflects the log up to the partition's followed position,
/// and how old the following may be is bounded.
/// </summary>
internal sealed class HotMemories : IDisposable
{
    /// <summary>Entries count only while the log was looked at so recently: the longest that another process's write stays unseen.</summary>
    public static readonly TimeSpan HeartbeatMax = TimeSpan.FromSeconds(1);

    private readonly HeldPartition[] _partitions = [.. Partition.All.Select(_ => new HeldPartition())];
    private readonly FusionCache? _cache;
    private readonly HotMemoryOptions _options;
    private readonly ReadInstruments _instruments;
    private readonly TimeProvider _time;
    private readonly long _neverAt;
    private volatile Following _following;

    public HotMemories(IOptions<HotMemoryOptions> options, ReadInstruments instruments, TimeProvider time)
    {
        (_options, _instruments, _time) = (options.Value, instruments, time);
        _neverAt = time.GetTimestamp() - (time.TimestampFrequency * 3600);
        _following = new Following(default, _neverAt);
        if (_options.BytesMax == 0) return;
        var held = new FusionCacheOptions
        {
            CacheName = "hot-memories",
            DisableTagging = true,
            DefaultEntryOptions = new FusionCacheEntryOptions(_options.HoldMax),
        };
        _cache = new FusionCache(held, new MemoryCache(new MemoryCacheOptions { SizeLimit = _options.BytesMax }));
        _cache.Events.Memory.Eviction += (_, eviction) =>
        {
            if (eviction.Reason == EvictionReason.Capacity) instruments.Evicted();
        };
    }

    /// <summary>The log as it was looked at last: whose, and the timestamp from before the look.</summary>
    private sealed record Following(Incarnation Incarnation, long At);

    public bool IsOff => _cache is null;

    /// <summary>A memory that may answer a read; null sends the reader to Redis.</summary>
    /// <param name="atLeast">
    /// The position the reader's token has seen in the memory's partition; none: a session read goes to Redis, which is never
    /// behind a write that was acknowledged as applied.
    /// </param>
    public HotMemory? Find(string tenant, MemoryId id, ReadLevel level, Position atLeast, Incarnation incarnation)
    {
        if (_cache is null || level == ReadLevel.Strong) return null;
        if (level == ReadLevel.Session && atLeast == Position.None) return null;
        var found = Look(tenant, id, level, atLeast, incarnation);
        _instruments.LookedUp("memory", found is null ? "miss" : "hit");
        return found;
    }

    /// <summary>Takes in what Redis served, unless something newer was met.</summary>
    /// <param name="reflects">Everything up to this position is reflected in it.</param>
    public void Offer(HotMemory memory, Position reflects, Incarnation incarnation)
    {
        if (_cache is null || memory.Bytes > _options.BytesMax / 16) return;
        var partition = _partitions[memory.Id.Partition.Value];
        lock (partition.Lock)
        {
            if (_following.Incarnation != incarnation || reflects < partition.Met)
            {
                _instruments.Filled("memory", "refused");
                return;
            }

            if (Held(memory.Id) is { } held && held.Generation == partition.Generation && held.Position >= memory.Position) return;
            partition.TakenAt = _time.GetTimestamp();
            _cache.Set(memory.Id.ToString(), memory with { Generation = partition.Generation }, entry => entry.SetSize(memory.Bytes));
        }

        _instruments.Filled("memory", "filled");
    }

    /// <summary>This process has changed a memory: no reader of it may get the old state once the write is answered.</summary>
    public void Invalidate(MemoryEvent @event)
    {
        if (_cache is null) return;
        var partition = _partitions[@event.Partition.Value];
        lock (partition.Lock)
        {
            if (partition.Met < @event.Position) partition.Met = @event.Position;
            Drop(new ChangedMemory(@event.MemoryId, @event.Position));
        }
    }

    /// <summary>No entry of a partition counts any more: rows were repaired, which no event tells.</summary>
    public void Invalidate(Partition partition)
    {
        var held = _partitions[partition.Value];
        lock (held.Lock) held.Generation++;
    }

    /// <summary>
    /// Begins to follow up to some heads: from now on nothing is taken in that reflects less. Gives the ranges of the log whose
    /// changes concern entries; <see cref="Finish"/> must follow with them.
    /// </summary>
    public IReadOnlyList<LogRange> Begin(LogHeads heads)
    {
        if (_following.Incarnation != heads.Incarnation) Leave(heads.Incarnation);
        var ranges = new List<LogRange>();
        foreach (var number in Partition.All)
        {
            var partition = _partitions[number.Value];
            if (heads[number] == partition.Followed) continue;
            lock (partition.Lock)
            {
                if (heads[number] < partition.Followed)
                {
                    // Another log, or one that lost its end: whatever was met of it means nothing.
                    partition.Generation++;
                    (partition.Met, partition.Followed) = (heads[number], heads[number]);
                    continue;
                }

                if (partition.Met < heads[number]) partition.Met = heads[number];
                if (HasEntries(partition)) ranges.Add(new LogRange(number, partition.Followed, heads[number]));
                else partition.Followed = heads[number];
            }
        }

        return ranges;
    }

    /// <summary>Ends what <see cref="Begin"/> began.</summary>
    /// <param name="changed">The events in the ranges; null: they are too many, so that all entries of the partitions go.</param>
    /// <param name="at">The timestamp from before the heads were read.</param>
    public void Finish(IReadOnlyList<LogRange> ranges, IReadOnlyList<ChangedMemory>? changed, LogHeads heads, long at)
    {
        foreach (var change in changed ?? [])
        {
            lock (_partitions[change.Id.Partition.Value].Lock) Drop(change);
        }

        foreach (var range in ranges)
        {
            if (changed is null) Invalidate(range.Partition);
            _partitions[range.Partition.Value].Followed = range.UpTo;
        }

        _following = new Following(heads.Incarnation, at);
    }

    public void Dispose() => _cache?.Dispose();

    /// <summary>The database is another one: from now on nothing of the old one is taken in, and what is there goes.</summary>
    private void Leave(Incarnation incarnation)
    {
        _following = new Following(incarnation, _neverAt);
        foreach (var partition in _partitions)
        {
            lock (partition.Lock)
            {
                partition.Generation++;
                (partition.Met, partition.Followed) = (Position.None, Position.None);
            }
        }
    }

    private HotMemory? Look(string tenant, MemoryId id, ReadLevel level, Position atLeast, Incarnation incarnation)
    {
        // First how far the log was followed, then the entry: that reflects at least so much.
        var following = _following;
        if (following.Incarnation != incarnation || _time.GetElapsedTime(following.At) >= HeartbeatMax) return null;
        var partition = _partitions[id.Partition.Value];
        if (level == ReadLevel.Session && partition.Followed < atLeast) return null;
        return Held(id) is { } held
            && held.Generation == partition.Generation
            && held.Tenant == tenant
            && !(held.ExpiresAt <= _time.GetUtcNow())
            ? held
            : null;
    }

    private HotMemory? Held(MemoryId id) => _cache!.TryGet<HotMemory>(id.ToString()) is { HasValue: true, Value: { } held } ? held : null;

    private void Drop(ChangedMemory changed)
    {
        if (Held(changed.Id) is { } held && held.Position < changed.Position) _cache!.Remove(changed.Id.ToString());
    }

    private bool HasEntries(HeldPartition partition) => partition.TakenAt is { } at && _time.GetElapsedTime(at) <= _options.HoldMax;
}
