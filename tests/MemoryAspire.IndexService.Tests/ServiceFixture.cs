using Google.Protobuf;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Index;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Postgres.Log;
using MemoryAspire.Postgres.Schema;
using MemoryAspire.Postgres.Writes;
using MemoryAspire.TestStores;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

[assembly: AssemblyFixture(typeof(StoresFixture))]

namespace MemoryAspire.IndexService.Tests;

/// <summary>A database with a generation of three dimensions, and an index service that follows it.</summary>
public abstract class ServiceTest(StoresFixture stores) : IAsyncLifetime
{
    protected const int Dimension = 3;
    protected const string Model = "test-model";

    private NpgsqlDataSource _dataSource = null!;

    protected StoresFixture Stores { get; } = stores;

    private protected ServiceProcess Service { get; set; } = null!;

    protected string ConnectionString { get; private set; } = "";

    protected string Folder { get; } = Directory.CreateTempSubdirectory("memory-index-service-").FullName;

    protected uint Incarnation { get; private set; }

    protected Random Random { get; } = new(1);

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>A database that no generation was made in, where the test makes it itself.</summary>
    protected virtual bool WithGeneration => true;

    public async ValueTask InitializeAsync()
    {
        ConnectionString = await Stores.CreatePostgresDatabaseAsync();
        _dataSource = NpgsqlDataSource.Create(ConnectionString);
        await new SchemaMigrations(_dataSource).ApplyAsync(Stop);
        if (WithGeneration) await MakeGenerationAsync();
        Incarnation = (await new EventLog(_dataSource).ReadHeadsAsync(Stop)).Incarnation.Value;
        Service = await ServiceProcess.StartAsync(Folder, ConnectionString);
        await Service.WaitUntilReadyAsync();
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Service.DisposeAsync();
        await _dataSource.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    protected Task MakeGenerationAsync() => new Generations(_dataSource).EnsureLiveAsync(Model, Dimension, Stop);

    /// <summary>Writes memories to PostgreSQL only; returns their ids and where the log is then.</summary>
    protected async Task<IReadOnlyList<(MemoryId Id, PartitionPosition At)>> WriteAsync(params float[][] vectors)
    {
        var creates = vectors.Select(vector => new WriteOperation.Create(
            MemoryId.Create(Partition.Any(Random), DateTimeOffset.UtcNow, Random), "content", MemoryKind.Episodic, Scope.None, Empty, 0.5, null, Bytes(vector))).ToArray();
        return await WriteAsync([.. creates]);
    }

    protected Task<IReadOnlyList<(MemoryId Id, PartitionPosition At)>> DeleteAsync(MemoryId id) => WriteAsync([new WriteOperation.Delete(id)]);

    protected SearchRequest Query(params float[] vector) => new()
    {
        Incarnation = Incarnation,
        Generation = 1,
        Vector = ByteString.CopyFrom(Bytes(vector)),
        K = 10,
        Tenant = "t",
        WaitMilliseconds = 20_000,
    };

    protected static Event Created(MemoryId id, long position, params float[] vector) => new()
    {
        Partition = id.Partition.Value,
        Position = position,
        Id = ByteString.CopyFrom(id.Value.ToByteArray(bigEndian: true)),
        Version = 1,
        Tenant = "t",
        Kind = "episodic",
        Vector = ByteString.CopyFrom(Bytes(vector)),
    };

    protected PrepareRequest Prepare(Guid transaction, MemoryId id, params float[] vector) => new()
    {
        Incarnation = Incarnation,
        Generation = 1,
        Transactions =
        {
            new PrepareRequest.Types.Transaction
            {
                Id = Bytes(transaction),
                Items = { new PrepareRequest.Types.Item { Id = Bytes(id.Value), Vector = ByteString.CopyFrom(Bytes(vector)) } },
            },
        },
    };

    protected static ByteString Bytes(Guid id) => ByteString.CopyFrom(id.ToByteArray(bigEndian: true));

    protected static byte[] Bytes(float[] vector) => System.Runtime.InteropServices.MemoryMarshal.AsBytes(vector.AsSpan()).ToArray();

    private static System.Text.Json.JsonElement Empty { get; } = System.Text.Json.JsonDocument.Parse("{}").RootElement;

    private async Task<IReadOnlyList<(MemoryId Id, PartitionPosition At)>> WriteAsync(IReadOnlyList<WriteOperation> operations)
    {
        using var hints = new LogHints(_dataSource, TimeProvider.System, NullLogger<LogHints>.Instance);
        var writer = new MemoryWriter(_dataSource, new TransactionStatus(_dataSource, TimeProvider.System), hints);
        var outcome = await writer.WriteAsync(new WriteTransaction(Guid.CreateVersion7(), "t", "tests", Model, operations), Stop);
        var committed = Assert.IsType<WriteOutcome.Committed>(outcome);
        return [.. committed.Events.Select(@event => (@event.MemoryId, new PartitionPosition { Partition = @event.Partition.Value, Position = @event.Position.Value }))];
    }
}
