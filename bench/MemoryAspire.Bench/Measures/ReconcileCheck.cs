using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Grpc.Core;
using Grpc.Net.Client;
using MemoryAspire.Bench.Load;
using MemoryAspire.Bench.Processes;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Index;
using MemoryAspire.Coordination.Participants;
using MemoryAspire.Postgres.Reconciliation;
using MemoryAspire.TestServices;
using Npgsql;
using StackExchange.Redis;

namespace MemoryAspire.Bench.Measures;

/// <summary>
/// What comparing the tiers costs while writes go on at 200/s: the index when equal, one changed vector found and repaired, and a
/// stale and an orphaned value found in Redis. No baseline: the figures are absolute.
/// </summary>
internal sealed class ReconcileCheck(Workbench bench, HttpClient api, NpgsqlDataSource source) : IMeasure
{
    private const int WritesPerSecond = 200;
    private const int BatchSize = 100;
    private const int Loaders = 8;

    private static readonly Metadata Headers = new() { { "authorization", $"Bearer {ServiceStack.InternalKey}" } };

    private readonly List<(string What, JsonElement Run, TimeSpan Cpu)> _runs = [];
    private readonly RequestBody _body = new(bench.Bodies, new Random(99));

    public string Name => "reconcile";

    public async Task<bool> PrepareAsync(CancellationToken cancellationToken)
    {
        var bodies = Enumerable.Range(0, Loaders).Select(loader => new RequestBody(bench.Bodies, new Random(1000 + loader))).ToArray();
        while (bench.Acknowledged.Memories < bench.Options.Memories)
        {
            await Task.WhenAll(bodies.Select(async body =>
            {
                var answer = await bench.Api.CreateBatchAsync(body.Batch(BatchSize));
                if ((int)answer.Status == 207) bench.Acknowledged.Add(BatchSize, answer.Tiers);
            }));
            cancellationToken.ThrowIfCancellationRequested();
        }

        await bench.SettleAsync(cancellationToken);
        return true;
    }

    public async Task RoundAsync(int round, CancellationToken cancellationToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var writing = WriteAsync(stopping.Token);
        await RunAsync("index, equal", "index", 0, cancellationToken);
        await DamageVectorAsync(cancellationToken);
        await RunAsync("index, one record changed", "index", 1, cancellationToken);
        await DamageRedisAsync(cancellationToken);
        await RunAsync("redis, one stale and one orphaned value", "redis", 2, cancellationToken);
        await RunAsync("rows with the log, equal", "postgres", 0, cancellationToken);
        await stopping.CancelAsync();
        await writing;
    }

    public void Conclude()
    {
        foreach (var runs in _runs.GroupBy(run => run.What))
        {
            double Of(Func<JsonElement, double> value) => Median.Of(runs.Select(run => value(run.Run)));
            bench.Report.Detail(string.Create(
                CultureInfo.InvariantCulture,
                $"reconcile, {runs.Key}: {Of(run => run.GetProperty("compared").GetInt64()):N0} compared in {Of(run => run.GetProperty("durationSeconds").GetDouble()):0.00} s, {Of(run => run.GetProperty("bytesMoved").GetInt64()):N0} bytes moved, {Median.Of(runs.Select(run => run.Cpu.TotalSeconds)):0.00} s of the reconciler's processor time."));
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task RunAsync(string what, string tier, int differences, CancellationToken cancellationToken)
    {
        var before = CpuTimes.Read(bench.Stack)["reconciler"];
        using var asked = await api.PostAsJsonAsync("/v1/admin/reconciliations", new { tiers = new[] { tier } }, cancellationToken);
        var id = (await asked.Content.ReadFromJsonAsync<JsonElement>(cancellationToken)).GetProperty("id").GetString();
        JsonElement run;
        do
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellationToken);
            run = await api.GetFromJsonAsync<JsonElement>($"/v1/admin/reconciliations/{id}", cancellationToken);
        }
        while (run.GetProperty("state").GetString() == "running");
        var found = run.GetProperty("differences").EnumerateArray().Sum(one => one.GetProperty("count").GetInt64());
        if (run.GetProperty("state").GetString() != "completed" || found != differences || run.GetProperty("repaired").GetInt64() != differences)
        {
            bench.Report.Problem($"reconcile, {what}: {differences} differences were made, but the run says {run}");
        }

        _runs.Add((what, run, CpuTimes.Read(bench.Stack)["reconciler"] - before));
    }

    private async Task WriteAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / WritesPerSecond), TimeProvider.System);
        var pending = new List<Task>();
        try
        {
            while (await timer.WaitForNextTickAsync(stopping))
            {
                pending.RemoveAll(task => task.IsCompleted);
                if (pending.Count < WritesPerSecond) pending.Add(bench.CreateAsync(_body));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(pending);
        }
    }

    private async Task DamageVectorAsync(CancellationToken cancellationToken)
    {
        using var channel = GrpcChannel.ForAddress(bench.Stack.Index.Address);
        var index = new MemoryIndex.MemoryIndexClient(channel);
        var repair = new MemoryIndexRepair.MemoryIndexRepairClient(channel);
        var rows = new RowStates(source);
        var id = await AnyAsync(cancellationToken);
        while (true)
        {
            var status = await index.StatusAsync(new StatusRequest(), Headers, cancellationToken: cancellationToken);
            var snapshot = await rows.ReadAsync(id.Partition, [id], await ModelAsync(cancellationToken), cancellationToken);
            var row = snapshot.Rows[id];
            var vector = row.Record.Vector.ToArray();
            vector[3] ^= 0x80;
            var damaged = row with { Record = row.Record with { Vector = vector, Digest = row.Record.Digest + 1 } };
            var request = new RepairRequest
            {
                Incarnation = status.Incarnation,
                Generation = status.Generation,
                At = new PartitionPosition { Partition = id.Partition.Value, Position = status.Partitions[id.Partition.Value].Position },
            };
            request.Targets.Add(RowStates.ToEvent(id, damaged, snapshot.Head).ToMessage());
            if (!(await repair.RepairAsync(request, Headers, cancellationToken: cancellationToken)).Refused) return;
        }
    }

    private async Task DamageRedisAsync(CancellationToken cancellationToken)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(bench.Stack.Redis.ConnectionString);
        var database = redis.GetDatabase();
        var id = await AnyAsync(cancellationToken);
        var key = $"memory:{{{id.Partition}}}:{id}";
        var ghost = MemoryId.Create(id.Partition, TimeProvider.System.GetUtcNow(), new Random(3));
        await database.HashSetAsync($"memory:{{{id.Partition}}}:{ghost}", await database.HashGetAllAsync(key));
        await database.KeyExpireAsync($"memory:{{{id.Partition}}}:{ghost}", TimeSpan.FromMinutes(30));
        await database.HashSetAsync(key, "v", 0);
    }

    /// <summary>One of those that were written last: its value is in Redis.</summary>
    private async Task<MemoryId> AnyAsync(CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand("select id from memories order by created_at desc limit 1");
        return new MemoryId((Guid)(await command.ExecuteScalarAsync(cancellationToken))!);
    }

    private async Task<string> ModelAsync(CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand("select model from generations where state = 'live'");
        return (string)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
