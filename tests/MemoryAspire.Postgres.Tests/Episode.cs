using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Postgres.Log;
using MemoryAspire.Postgres.Memories;
using MemoryAspire.Postgres.Schema;
using MemoryAspire.Postgres.Writes;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

[assembly: AssemblyFixture(typeof(MemoryAspire.TestStores.StoresFixture))]

namespace MemoryAspire.Postgres.Tests;

/// <summary>A database of one test, with the schema, and what works on it.</summary>
internal sealed class Episode : IAsyncDisposable
{
    public const string Tenant = "default";

    public const string Model = "test-model";

    public static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly Random _random = new(42);

    private Episode(string connectionString)
    {
        Source = NpgsqlDataSource.Create(connectionString);
        Log = new EventLog(Source);
        Reader = new MemoryReader(Source);
        Lister = new MemoryLister(Source);
        Hints = new LogHints(Source, TimeProvider.System, NullLogger<LogHints>.Instance);
        Writer = new MemoryWriter(Source, new TransactionStatus(Source, TimeProvider.System), Hints);
    }

    public NpgsqlDataSource Source { get; }

    public EventLog Log { get; }

    public MemoryReader Reader { get; }

    public MemoryLister Lister { get; }

    public LogHints Hints { get; }

    public MemoryWriter Writer { get; }

    public static async Task<Episode> BeginAsync(string connectionString)
    {
        var episode = new Episode(connectionString);
        await new SchemaMigrations(episode.Source).ApplyAsync(TestContext.Current.CancellationToken);
        return episode;
    }

    public WriteOperation.Create NewMemory(string content, string user = "ada", Scope? scope = null, DateTimeOffset? expiresAt = null, byte[]? vector = null) => new(
        MemoryId.Create(Partition.Of(Tenant, user), Start, _random),
        content, MemoryKind.Semantic, scope ?? new Scope(user), CanonicalJson.EmptyObject, 0.5, expiresAt, vector ?? [0, 0, 128, 63]);

    public static WriteTransaction Transaction(params WriteOperation[] operations) => new(Guid.CreateVersion7(), Tenant, "tester", Model, operations);

    /// <summary>A group of one.</summary>
    public async Task<WriteOutcome> WriteAsync(params WriteOperation[] operations) => (await WriteGroupAsync(Transaction(operations)))[0];

    public async Task<IReadOnlyList<WriteOutcome>> WriteGroupAsync(params WriteTransaction[] group)
    {
        await using var write = await Writer.BeginAsync(group, TestContext.Current.CancellationToken);
        var outcomes = write.Plan(new Dictionary<Guid, WriteOutcome>());
        await write.CommitAsync();
        return outcomes;
    }

    public async Task<MemoryEvent> CommitAsync(WriteOperation operation) =>
        Assert.Single(Assert.IsType<WriteOutcome.Committed>(await WriteAsync(operation)).Events);

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = Source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    public ValueTask DisposeAsync()
    {
        Hints.Dispose();
        return Source.DisposeAsync();
    }
}
