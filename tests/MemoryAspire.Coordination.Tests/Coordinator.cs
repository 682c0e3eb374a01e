using System.Collections.Concurrent;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Coordination.Database;
using MemoryAspire.Coordination.Participants;
using MemoryAspire.Postgres.Log;
using MemoryAspire.Postgres.Schema;
using MemoryAspire.Postgres.Writes;
using MemoryAspire.ServiceDefaults;
using MemoryAspire.ServiceDefaults.Stores;
using MemoryAspire.Postgres;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

[assembly: AssemblyFixture(typeof(MemoryAspire.TestStores.StoresFixture))]

namespace MemoryAspire.Coordination.Tests;

/// <summary>The coordinator on a real database, with scripted participants.</summary>
internal sealed class Coordinator : IAsyncDisposable
{
    private const string Tenant = "default";

    private readonly IHost _host;
    private readonly Random _random = new(42);

    private Coordinator(IHost host, DatabaseState database, ConcurrentQueue<string> notes, ScriptedParticipant redis, ScriptedParticipant index)
    {
        (_host, Database, Notes, Redis, Index) = (host, database, notes, redis, index);
    }

    public DatabaseState Database { get; }

    /// <summary>What the participants were told, in order.</summary>
    public ConcurrentQueue<string> Notes { get; }

    public ScriptedParticipant Redis { get; }

    public ScriptedParticipant Index { get; }

    public NpgsqlDataSource Source => _host.Services.GetRequiredService<NpgsqlDataSource>();

    public MemoryCoordinator Transactions => _host.Services.GetRequiredService<MemoryCoordinator>();

    public MemoryWriter Writer => _host.Services.GetRequiredService<MemoryWriter>();

    public static async Task<Coordinator> StartAsync(string connectionString, params (string Name, string Value)[] settings)
    {
        var notes = new ConcurrentQueue<string>();
        var redis = new ScriptedParticipant("redis", notes.Enqueue);
        var index = new ScriptedParticipant("index", notes.Enqueue);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Configuration["ConnectionStrings:memorydb"] = connectionString;
        foreach (var (name, value) in settings) builder.Configuration[name] = value;
        builder.AddServiceDefaults();
        builder.AddPostgresStore();
        builder.AddEpisodicMemory();
        builder.AddCoordination();
        builder.Services.RemoveAll<IParticipant>();
        builder.Services.AddSingleton<IParticipant>(redis).AddSingleton<IParticipant>(index);
        var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        await host.Services.GetRequiredService<SchemaGate>().Opened;
        var generation = await host.Services.GetRequiredService<Generations>().EnsureLiveAsync("test-model", 1, TestContext.Current.CancellationToken);
        var heads = await host.Services.GetRequiredService<EventLog>().ReadHeadsAsync(TestContext.Current.CancellationToken);
        return new Coordinator(host, new DatabaseState(heads, generation), notes, redis, index);
    }

    public WriteOperation.Create NewMemory(string content, string user = "ada")
    {
        lock (_random)
        {
            var id = MemoryId.Create(Partition.Of(Tenant, user), DateTimeOffset.UnixEpoch, _random);
            return new WriteOperation.Create(id, content, MemoryKind.Episodic, new Scope(user), CanonicalJson.EmptyObject, 0.5, null, new byte[] { 0, 0, 128, 63 });
        }
    }

    public Task<Coordinated> CommitAsync(params WriteOperation[] operations) => CommitAsync(Guid.CreateVersion7(), null, false, Tenant, operations);

    public Task<Coordinated> CommitAsync(Guid id, IdempotencyKey? key, bool requireAll, string tenant, params WriteOperation[] operations)
    {
        var transaction = _host.Services.GetRequiredService<MemoryCoordinator>().Begin(id, tenant, "tester", Database, key, requireAll);
        foreach (var operation in operations) transaction.Stage(operation);
        return transaction.CommitAsync(TestContext.Current.CancellationToken);
    }

    public WriteTransaction Transaction(IdempotencyKey? key, params WriteOperation[] operations) =>
        new(Guid.CreateVersion7(), Tenant, "tester", Database.Generation.Model, operations, key);

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = Source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
    }
}
