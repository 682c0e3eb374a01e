using System.Text.Json;
using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Postgres.Memories;
using MemoryAspire.Redis.Intents;
using MemoryAspire.Redis.Scripts;
using MemoryAspire.Redis.Values;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;

[assembly: AssemblyFixture(typeof(MemoryAspire.TestStores.StoresFixture))]

namespace MemoryAspire.Redis.Tests;

/// <summary>An empty Redis, and one partition of a log that tests write by hand.</summary>
internal sealed class Tier : IAsyncDisposable
{
    public const string Tenant = "default";

    public static readonly Incarnation Here = new(0xC0FFEE01);

    private Tier(IConnectionMultiplexer connection, ScriptSet scripts)
    {
        Connection = connection;
        Memory = new WorkingMemory(connection, Time, scripts);
        Intents = new MemoryIntents(connection);
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public IConnectionMultiplexer Connection { get; }

    public IDatabase Database => Connection.GetDatabase();

    public WorkingMemory Memory { get; }

    public MemoryIntents Intents { get; }

    public Partition Partition { get; } = Partition.Of(Tenant, "ada");

    /// <param name="scripts">Others than those that are used.</param>
    public static async Task<Tier> OpenAsync(string connectionString, ScriptSet? scripts = null) =>
        new(await ConnectionMultiplexer.ConnectAsync(connectionString), scripts ?? ScriptSet.Shipped);

    public MemoryId NewId(int seed) => NewId(seed, Partition);

    public MemoryId NewId(int seed, Partition partition) => MemoryId.Create(partition, Time.GetUtcNow(), new Random(seed));

    public MemoryRecord Record(MemoryId id, long version, DateTimeOffset? expiresAt = null)
    {
        var memory = new Memory(
            id, $"content of version {version}", MemoryKind.Episodic, new Scope("ada"), JsonElement.Parse("{}"), 0.5, version,
            Time.GetUtcNow(), Time.GetUtcNow(), expiresAt);
        return new MemoryRecord(Tenant, memory, null, MemoryDigest.Of(Tenant, memory, []));
    }

    public MemoryEvent Event(long position, MemoryId id, long version, DateTimeOffset? expiresAt = null, Guid transaction = default) => new(
        id.Partition, new Position(position), version == 1 ? EventType.Created : EventType.Updated, Tenant, id, version, new Scope("ada"),
        Record(id, version, expiresAt), transaction, "tester", Time.GetUtcNow());

    public MemoryEvent Removal(long position, MemoryId id, long version, Guid transaction = default) => new(
        id.Partition, new Position(position), EventType.Deleted, Tenant, id, version, new Scope("ada"), null, transaction, "tester", Time.GetUtcNow());

    public StoredMemory Row(MemoryId id, long version, long position, DateTimeOffset? expiresAt = null) =>
        new(Record(id, version, expiresAt), new Position(position));

    public Task BeginAsync(long head = 0, string epoch = "e1", Incarnation? incarnation = null) => BeginAsync(Partition, head, epoch, incarnation);

    public async Task BeginAsync(Partition partition, long head = 0, string epoch = "e1", Incarnation? incarnation = null)
    {
        await Memory.AnnounceEpochAsync(partition, "nonce");
        Assert.True(await Memory.BeginEpochAsync(partition, "nonce", epoch, incarnation ?? Here, new Position(head)));
    }

    /// <summary>Puts intents; true when every partition has an epoch.</summary>
    public async Task<bool> PrepareAsync(params Intent[] intents) =>
        (await Intents.PrepareAsync(intents, [], Here)).Count == intents.Select(intent => intent.Memory.Partition).Distinct().Count();

    public async Task<long?> ApplyAsync(params MemoryEvent[] events) =>
        (await Memory.ApplyAsync(events, Here)).TryGetValue(Partition, out var applied) ? applied.Value : null;

    public async Task<CachedMemory?> ReadAsync(MemoryId id, ReadLevel level = ReadLevel.Session, long atLeast = 0, string tenant = Tenant) =>
        (await Memory.ReadAsync(tenant, id, level, new Position(atLeast), Here)).Memory;

    public ValueTask DisposeAsync() => Connection.DisposeAsync();
}
