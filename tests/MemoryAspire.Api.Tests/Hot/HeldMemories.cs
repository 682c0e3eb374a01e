using System.Globalization;
using System.Text;
using MemoryAspire.Api.Caching;
using MemoryAspire.Api.Caching.Hot;
using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Postgres.Log;
using MemoryAspire.Redis.Values;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace MemoryAspire.Api.Tests.Hot;

/// <summary>The memories that a process holds, and one partition of a log that tests write by hand.</summary>
internal sealed class HeldMemories : IDisposable
{
    public const string Tenant = "default";

    public static readonly Incarnation Here = new(1);

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().AddSingleton<ReadInstruments>().BuildServiceProvider();

    public HeldMemories(HotMemoryOptions? options = null)
    {
        Hot = new HotMemories(Options.Create(options ?? new HotMemoryOptions()), _services.GetRequiredService<ReadInstruments>(), Time);
        Ids = [.. Enumerable.Range(1, 3).Select(seed => MemoryId.Create(Partition, Time.GetUtcNow(), new Random(seed)))];
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public HotMemories Hot { get; }

    public Partition Partition { get; } = new(7);

    public MemoryId[] Ids { get; }

    public static LogHeads Heads(long head, Incarnation? incarnation = null)
    {
        var heads = new long[Partition.Count];
        heads[7] = head;
        return new LogHeads(incarnation ?? Here, heads);
    }

    public HotMemory Memory(MemoryId id, long version, long position, DateTimeOffset? expiresAt = null) => new(
        Tenant, id, version, new Position(position), [KeyValuePair.Create(Partition, new Position(position))], expiresAt,
        Encoding.UTF8.GetBytes(version.ToString(CultureInfo.InvariantCulture)));

    public void Offer(MemoryId id, long version, long position, long reflects, DateTimeOffset? expiresAt = null) =>
        Hot.Offer(Memory(id, version, position, expiresAt), new Position(reflects), Here);

    public long? Find(MemoryId id, ReadLevel level, long atLeast = 0, string tenant = Tenant, Incarnation? incarnation = null) =>
        Hot.Find(tenant, id, level, new Position(atLeast), incarnation ?? Here)?.Version;

    /// <summary>Follows the log up to a head, in which these events are new.</summary>
    public void Follow(long head, params ChangedMemory[] changed) => Follow(Heads(head), changed);

    public void Follow(LogHeads heads, params ChangedMemory[] changed)
    {
        var at = Time.GetTimestamp();
        var ranges = Hot.Begin(heads);
        Hot.Finish(ranges, [.. changed.Where(change => ranges.Any(range => change.Position > range.After && change.Position <= range.UpTo))], heads, at);
    }

    public MemoryEvent Update(MemoryId id, long version, long position) => new(
        Partition, new Position(position), EventType.Updated, Tenant, id, version, new Scope("ada"), null, Guid.Empty, "tester", Time.GetUtcNow());

    public void Dispose()
    {
        Hot.Dispose();
        _services.Dispose();
    }
}
