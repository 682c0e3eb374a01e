using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Coordination.Participants;
using MemoryAspire.Postgres.Log;
using MemoryAspire.Postgres.Memories;
using MemoryAspire.Redis;
using MemoryAspire.Redis.Intents;
using MemoryAspire.Redis.Values;
using MemoryAspire.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using static MemoryAspire.Participants.Tests.Proposals;

namespace MemoryAspire.Participants.Tests;

/// <summary>Redis as a participant, as a service would have it.</summary>
internal sealed class RedisTier : IAsyncDisposable
{
    private readonly WebApplication _services;

    private RedisTier(WebApplication services, IConnectionMultiplexer connection)
    {
        _services = services;
        Connection = connection;
        Participant = services.Services.GetRequiredService<RedisParticipant>();
        Memory = services.Services.GetRequiredService<WorkingMemory>();
    }

    public IConnectionMultiplexer Connection { get; }

    public RedisParticipant Participant { get; }

    public WorkingMemory Memory { get; }

    public static async Task<RedisTier> OpenAsync(string connectionString)
    {
        var options = ConfigurationOptions.Parse(connectionString);
        options.BacklogPolicy = BacklogPolicy.FailFast;
        var connection = await ConnectionMultiplexer.ConnectAsync(options);
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.AddServiceDefaults();
        builder.Services.AddSingleton<IConnectionMultiplexer>(connection)
            .AddSingleton<WorkingMemory>().AddSingleton<MemoryIntents>().AddSingleton<TierInstruments>().AddSingleton<RedisParticipant>();
        return new RedisTier(builder.Build(), connection);
    }

    public async Task BeginAsync(Partition partition, long head = 0)
    {
        await Memory.AnnounceEpochAsync(partition, "nonce");
        Assert.True(await Memory.BeginEpochAsync(partition, "nonce", $"epoch {head}", OfDatabase, new Position(head)));
    }

    /// <summary>The version that a reader without a token is served; null sends it to PostgreSQL.</summary>
    public async Task<long?> VersionOfAsync(MemoryId id) =>
        (await Memory.ReadAsync(Tenant, id, ReadLevel.Session, Position.None, OfDatabase)).Memory?.Version;

    public async Task<bool> HasIntentAsync(MemoryId id) => await Connection.GetDatabase().KeyExistsAsync($"intent:{{{id.Partition}}}:{id}");

    public Task<bool> FillAsync(MemoryId id, long version, long position, long head) => Memory.FillAsync(
        new StoredMemory(Event(Transaction(), id, position, version).State!, new Position(position)), new Position(head), OfDatabase);

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await Connection.DisposeAsync();
    }
}
