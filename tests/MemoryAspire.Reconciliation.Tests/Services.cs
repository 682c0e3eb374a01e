using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Index;
using MemoryAspire.Coordination.Participants;
using MemoryAspire.Postgres.Log;
using MemoryAspire.Postgres.Memories;
using MemoryAspire.Postgres.Reconciliation;
using MemoryAspire.TestServices;
using Npgsql;
using StackExchange.Redis;

[assembly: AssemblyFixture(typeof(MemoryAspire.Reconciliation.Tests.Services))]

namespace MemoryAspire.Reconciliation.Tests;

/// <summary>
/// One stack of real processes for all tests, which run one after the other and leave the tiers equal. No comparison runs
/// but those that tests ask for.
/// </summary>
public sealed class Services : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private GrpcChannel? _channel;

    internal ServiceStack Stack { get; private set; } = null!;

    internal HttpClient Client { get; private set; } = null!;

    internal NpgsqlDataSource Postgres { get; private set; } = null!;

    internal ConnectionMultiplexer Redis { get; private set; } = null!;

    internal MemoryIndexRepair.MemoryIndexRepairClient Repair { get; private set; } = null!;

    internal MemoryIndex.MemoryIndexClient Index { get; private set; } = null!;

    internal EventLog Log { get; private set; } = null!;

    internal RowStates Rows { get; private set; } = null!;

    internal static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Stack = await ServiceStack.StartAsync(
            new() { Fsync = false },
            [
                new("Reconciliation__Scheduled", "false"),
                new("Reconciliation__ScanCpuShare", "1"),
                new("ReadRepair__Rate", "0"),

                // What a process holds itself would hide for a minute what a test did to Redis.
                new("HotMemories__BytesMax", "0"),
                new("Index__SnapshotInterval", "00:00:00.5"),
            ],
            Stop);
        Client = Stack.NewClient();
        Postgres = NpgsqlDataSource.Create(Stack.Database);
        Redis = await ConnectionMultiplexer.ConnectAsync(Stack.Redis.ConnectionString + ",allowAdmin=true");
        Log = new EventLog(Postgres);
        Rows = new RowStates(Postgres);
        _channel = GrpcChannel.ForAddress(Stack.Index.Address);
        var invoker = _channel.Intercept(headers =>
        {
            headers.Add("authorization", $"Bearer {ServiceStack.InternalKey}");
            return headers;
        });
        Repair = new MemoryIndexRepair.MemoryIndexRepairClient(invoker);
        Index = new MemoryIndex.MemoryIndexClient(invoker);
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        _channel?.Dispose();
        if (Redis is not null) await Redis.DisposeAsync();
        if (Postgres is not null) await Postgres.DisposeAsync();
        if (Stack is not null) await Stack.DisposeAsync();
    }

    /// <summary>A new memory that all tiers have.</summary>
    internal async Task<MemoryId> CreateAsync(string content, string user = "ada")
    {
        using var response = await Client.PostAsJsonAsync("/v1/memories", new { content, scope = new { user } }, Stop);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var id = new MemoryId((await response.Content.ReadFromJsonAsync<JsonElement>(Stop)).GetProperty("memory").GetProperty("id").GetGuid());
        await InStepAsync();
        return id;
    }

    internal async Task<JsonElement> PatchAsync(MemoryId id, object patch)
    {
        using var response = await Client.PatchAsJsonAsync($"/v1/memories/{id}", patch, Stop);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await InStepAsync();
        return await response.Content.ReadFromJsonAsync<JsonElement>(Stop);
    }

    internal async Task<JsonElement> GetAsync(string path)
    {
        using var response = await Client.GetAsync(path, Stop);
        Assert.True(response.IsSuccessStatusCode, $"{path}: {response.StatusCode}");
        return await response.Content.ReadFromJsonAsync<JsonElement>(Stop);
    }

    internal async Task<string[]> SearchAsync(string query, string user = "ada")
    {
        using var response = await Client.PostAsJsonAsync("/v1/memories/search", new { query, mode = "semantic", scope = new { user } }, Stop);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var found = await response.Content.ReadFromJsonAsync<JsonElement>(Stop);
        return [.. found.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("memory").GetProperty("id").GetString()!)];
    }

    /// <summary>Asks for a run; returns its id.</summary>
    internal async Task<Guid> BeginAsync(object? order = null)
    {
        using var response = order is null ? await Client.PostAsync("/v1/admin/reconciliations", null, Stop) : await Client.PostAsJsonAsync("/v1/admin/reconciliations", order, Stop);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonElement>(Stop)).GetProperty("id").GetGuid();
    }

    internal async Task<JsonElement> EndAsync(Guid id)
    {
        JsonElement run = default;
        await UntilAsync(async () => (run = await GetAsync($"/v1/admin/reconciliations/{id}")).GetProperty("state").GetString() != "running");
        return run;
    }

    /// <summary>A run from its beginning to its end, which must be a good one.</summary>
    internal async Task<RunReport> ReconcileAsync(object? order = null)
    {
        var run = await EndAsync(await BeginAsync(order));
        Assert.True(run.GetProperty("state").GetString() == "completed", $"{run}{Environment.NewLine}{Stack.Reconciler.Log}");
        return RunReport.Of(run);
    }

    /// <summary>Damages the index: makes records what they are not, or takes them out, without an event.</summary>
    internal async Task DamageIndexAsync(MemoryId id, Func<StoredMemory?, StoredMemory?> damage)
    {
        var state = await Index.StatusAsync(new StatusRequest(), cancellationToken: Stop);
        var row = (await Rows.ReadAsync(id.Partition, [id], await ModelAsync(), Stop)).Rows.GetValueOrDefault(id);
        var at = new PartitionPosition { Partition = id.Partition.Value, Position = state.Partitions[id.Partition.Value].Position };
        var request = new RepairRequest { Incarnation = state.Incarnation, Generation = state.Generation, At = at };
        request.Targets.Add(RowStates.ToEvent(id, damage(row), new(Math.Max(1, at.Position))).ToMessage());
        Assert.False((await Repair.RepairAsync(request, cancellationToken: Stop)).Refused);
    }

    internal async Task<LookupReply.Types.Entry> InIndexAsync(MemoryId id) =>
        (await Index.LookupAsync(new LookupRequest { Ids = { id.ToBytes() } }, cancellationToken: Stop)).Entries[0];

    internal async Task<int> SqlAsync(string sql)
    {
        await using var command = Postgres.CreateCommand(sql);
        return await command.ExecuteNonQueryAsync(Stop);
    }

    internal async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = Postgres.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(Stop))!;
    }

    internal Task<string> ModelAsync() => ScalarAsync<string>("select model from generations where state = 'live'");

    internal static RedisKey KeyOf(MemoryId id) => $"memory:{{{id.Partition}}}:{id}";

    /// <summary>Returns when Redis and the index have everything.</summary>
    internal Task InStepAsync() => UntilAsync(async () => await ServiceStack.BehindAsync(Client, Stop) == (0, 0));

    internal static async Task UntilAsync(Func<Task<bool>> condition)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < Patience, $"Not so within {Patience}.");
            await Task.Delay(TimeSpan.FromMilliseconds(30), TimeProvider.System, Stop);
        }
    }
}

/// <summary>What a run found: "tier kind count", in order.</summary>
internal sealed record RunReport(string[] Differences, long Repaired, long Unrepairable, JsonElement Json)
{
    public static RunReport Of(JsonElement run) => new(
        [.. run.GetProperty("differences").EnumerateArray().Select(one => $"{one.GetProperty("tier")} {one.GetProperty("kind")} {one.GetProperty("count")}")],
        run.GetProperty("repaired").GetInt64(),
        run.GetProperty("unrepairable").GetInt64(),
        run);

    public long ComparedIn(string tier) => Json.GetProperty("comparedByTier").TryGetProperty(tier, out var count) ? count.GetInt64() : 0;

    public static void AssertFound(RunReport report, long repaired, params string[] differences)
    {
        Assert.Equal(differences, report.Differences);
        Assert.Equal((repaired, differences.Length == 0 ? 0 : report.Unrepairable), (report.Repaired, report.Unrepairable));
    }
}
