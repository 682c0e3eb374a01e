using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Grpc.Core;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Index;
using MemoryAspire.Postgres.Leadership;
using MemoryAspire.Postgres.Rebuild;
using MemoryAspire.TestServices;

namespace MemoryAspire.Reconciliation.Tests;

/// <summary>Who carries runs out, how they end, and what goes on meanwhile.</summary>
[Collection("stack")]
public sealed class RunTests(Services services)
{
    private static readonly TimeSpan TakeoverMax = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Writes_that_go_on_are_no_differences()
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Services.Stop);
        var writing = Enumerable.Range(0, 4).Select(writer => WriteAsync(writer, stopping.Token)).ToList();
        for (var round = 0; round < 4; round++)
        {
            var report = await services.ReconcileAsync(new { deep = round % 2 == 1 });
            RunReport.AssertFound(report, 0);
        }

        await stopping.CancelAsync();
        var written = await Task.WhenAll(writing);
        Assert.True(written.Sum() > 0);
        await services.InStepAsync();
        RunReport.AssertFound(await services.ReconcileAsync(new { deep = true }), 0);
    }

    [Fact]
    public async Task A_record_of_a_partition_that_never_holds_still_is_repaired()
    {
        var id = await services.CreateAsync("Ada is restless.", "busy");
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Services.Stop);
        var writing = Enumerable.Range(0, 3).Select(_ => WriteAsync(-1, stopping.Token)).ToList();
        await DamageWhileWritingAsync(id);

        RunReport.AssertFound(await services.ReconcileAsync(new { tiers = new[] { "index" } }), 1, "index missing 1");

        await stopping.CancelAsync();
        await Task.WhenAll(writing);
        await services.InStepAsync();
        Assert.Equal(1, (await services.InIndexAsync(id)).Version);
        RunReport.AssertFound(await services.ReconcileAsync(new { deep = true }), 0);
    }

    [Fact]
    public async Task A_run_survives_the_death_of_its_leader_and_is_finished_by_the_next_one()
    {
        await using var second = new ServiceProcess("reconciler-2", "MemoryAspire.Reconciler");
        foreach (var (name, value) in services.Stack.Reconciler.Settings) second.Settings[name] = value;
        second.Settings["Reconciliation__ScanCpuShare"] = "1";

        // Slow enough to be met at work.
        services.Stack.Reconciler.Settings["Reconciliation__ScanCpuShare"] = "0.01";
        await services.Stack.Reconciler.StartAsync();
        await RoleAsync(services.Stack.Reconciler, "leading");
        await second.StartAsync();
        await RoleAsync(second, "standby");
        try
        {
            var id = await services.CreateAsync("Ada outlives her leader.");
            await services.DamageIndexAsync(id, _ => null);
            var run = await services.BeginAsync();
            JsonElement seen = default;
            await Services.UntilAsync(async () => (seen = await services.GetAsync($"/v1/admin/reconciliations/{run}")).GetProperty("step").GetString() == "redis");
            Assert.Equal(1, seen.GetProperty("repaired").GetInt64());
            var former = await services.ScalarAsync<long>($"select epoch from reconciliation_runs where id = '{run}'");

            var killed = TimeProvider.System.GetTimestamp();
            await services.Stack.Reconciler.KillAsync();
            await Services.UntilAsync(async () => await services.ScalarAsync<long>($"select epoch from reconciliation_runs where id = '{run}'") > former);

            Assert.True(TimeProvider.System.GetElapsedTime(killed) < TakeoverMax, "The standby took too long.");
            var over = await services.EndAsync(run);
            Assert.Equal("completed", over.GetProperty("state").GetString());

            // What the former leader had done was not done again, and is in the report.
            RunReport.AssertFound(RunReport.Of(over), 1, "index missing 1");
        }
        finally
        {
            await second.KillAsync();
            services.Stack.Reconciler.Settings["Reconciliation__ScanCpuShare"] = "1";
            await services.Stack.Reconciler.StartAsync();
        }

        RunReport.AssertFound(await services.ReconcileAsync(), 0);
    }

    [Fact]
    public async Task A_leader_that_was_replaced_repairs_nothing()
    {
        var id = await services.CreateAsync("Ada is not to be repaired by everybody.");
        var status = await services.Index.StatusAsync(new StatusRequest(), cancellationToken: Services.Stop);
        var latest = await services.ScalarAsync<long>("select max(epoch) from leaders where name = 'reconciler'");
        var request = new DigestsRequest { Incarnation = status.Incarnation, Generation = status.Generation, Epoch = latest };
        await services.Repair.DigestsAsync(request, cancellationToken: Services.Stop);
        var stale = new RepairRequest
        {
            Incarnation = status.Incarnation,
            Generation = status.Generation,
            Epoch = latest - 1,
            At = new PartitionPosition { Partition = id.Partition.Value, Position = status.Partitions[id.Partition.Value].Position },
        };
        if (latest > 1)
        {
            var refused = await Assert.ThrowsAsync<RpcException>(() => services.Repair.RepairAsync(stale, cancellationToken: Services.Stop).ResponseAsync);
            Assert.Equal(StatusCode.FailedPrecondition, refused.StatusCode);
        }

        // The same in PostgreSQL: of two that led one after the other, only the second one may restore a row.
        var election = new LeaderElection(services.Postgres, TimeProvider.System);
        var first = await election.WinAsync("test", "first", () => { }, Services.Stop);
        await first.DisposeAsync();
        await using var second = await election.WinAsync("test", "second", () => { }, Services.Stop);
        await services.SqlAsync($"update memories set content = 'wrong' where id = '{id}'");
        var rebuild = new MemoryRebuild(services.Postgres);
        await Assert.ThrowsAsync<LeadershipLostException>(() => rebuild.RunAsync(id.Partition, first.EnsureAsync, Services.Stop));
        Assert.Equal("wrong", await services.ScalarAsync<string>($"select content from memories where id = '{id}'"));
        Assert.Equal([id], (await rebuild.RunAsync(id.Partition, second.EnsureAsync, Services.Stop)).Repaired);
        RunReport.AssertFound(await services.ReconcileAsync(), 0);
    }

    [Fact]
    public async Task A_run_is_cancelled_while_it_waits_and_while_it_runs()
    {
        services.Stack.Reconciler.Settings["Reconciliation__ScanCpuShare"] = "0.01";
        await services.Stack.Reconciler.StartAsync();
        try
        {
            for (var number = 0; number < 5; number++) await services.CreateAsync($"Ada's errand {number}.");
            var running = await services.BeginAsync();
            var waiting = await services.BeginAsync();

            Assert.Equal(("cancelled", HttpStatusCode.Accepted), await CancelAsync(waiting));
            await CancelAsync(running);
            Assert.True((await services.EndAsync(running)).GetProperty("state").GetString() is "cancelled" or "completed");
            Assert.Equal("cancelled", (await services.EndAsync(waiting)).GetProperty("state").GetString());
        }
        finally
        {
            services.Stack.Reconciler.Settings["Reconciliation__ScanCpuShare"] = "1";
            await services.Stack.Reconciler.StartAsync();
        }
    }

    [Fact]
    public async Task Runs_are_listed_newest_first_and_the_last_one_is_in_the_consistency()
    {
        var first = (await services.ReconcileAsync()).Json.GetProperty("id").GetGuid();
        var second = (await services.ReconcileAsync(new { deep = true })).Json.GetProperty("id").GetGuid();

        var items = (await services.GetAsync("/v1/admin/reconciliations?limit=2")).GetProperty("items").EnumerateArray().ToList();

        Assert.Equal([second, first], items.Select(item => item.GetProperty("id").GetGuid()));
        var consistency = await services.GetAsync("/v1/admin/consistency");
        Assert.Equal(second, consistency.GetProperty("lastReconciliation").GetProperty("id").GetGuid());
        Assert.True(consistency.GetProperty("consistent").GetBoolean());
        Assert.Equal((0, 0.0), (consistency.GetProperty("index").GetProperty("lag").GetProperty("positions").GetInt64(), consistency.GetProperty("redis").GetProperty("lag").GetProperty("seconds").GetDouble()));
        Assert.Equal(consistency.GetProperty("postgres").GetProperty("count").GetInt64(), consistency.GetProperty("index").GetProperty("count").GetInt64());
    }

    [Fact]
    public async Task The_consistency_says_when_a_record_is_missing()
    {
        var id = await services.CreateAsync("Ada counts.");
        await services.DamageIndexAsync(id, _ => null);

        Assert.False((await services.GetAsync("/v1/admin/consistency")).GetProperty("consistent").GetBoolean());

        RunReport.AssertFound(await services.ReconcileAsync(), 1, "index missing 1");
        Assert.True((await services.GetAsync("/v1/admin/consistency")).GetProperty("consistent").GetBoolean());
    }

    [Theory]
    [InlineData("""{"deep":"yes"}""", "deep")]
    [InlineData("""{"repair":"always"}""", "repair")]
    [InlineData("""{"repair":7}""", "repair")]
    [InlineData("""{"tiers":[]}""", "tiers")]
    [InlineData("""{"tiers":["disk"]}""", "tiers")]
    [InlineData("""{"tiers":"redis"}""", "tiers")]
    public async Task What_cannot_be_asked_for_is_refused_by_its_name(string body, string field)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var response = await services.Client.PostAsync("/v1/admin/reconciliations", content, Services.Stop);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var errors = (await response.Content.ReadFromJsonAsync<JsonElement>(Services.Stop)).GetProperty("errors");
        Assert.Equal([field], errors.EnumerateObject().Select(error => error.Name));
    }

    [Fact]
    public async Task A_run_that_nobody_asked_for_is_not_found()
    {
        using var response = await services.Client.GetAsync($"/v1/admin/reconciliations/{Guid.CreateVersion7()}", Services.Stop);
        using var cancelled = await services.Client.DeleteAsync($"/v1/admin/reconciliations/{Guid.CreateVersion7()}", Services.Stop);

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (response.StatusCode, cancelled.StatusCode));
    }

    private async Task<(string? State, HttpStatusCode Status)> CancelAsync(Guid id)
    {
        using var response = await services.Client.DeleteAsync($"/v1/admin/reconciliations/{id}", Services.Stop);
        return ((await response.Content.ReadFromJsonAsync<JsonElement>(Services.Stop)).GetProperty("state").GetString(), response.StatusCode);
    }

    /// <summary>Creates, changes and deletes until told to stop; a writer of its own has users of its own, all others one.</summary>
    private async Task<int> WriteAsync(int writer, CancellationToken stopping)
    {
        var random = new Random(writer + 10);
        var mine = new List<string>();
        var written = 0;
        while (!stopping.IsCancellationRequested)
        {
            var user = writer < 0 ? "busy" : $"writer {writer} {random.Next(10)}";
            if (mine.Count < 5 || random.Next(3) == 0)
            {
                using var created = await services.Client.PostAsJsonAsync("/v1/memories", new { content = $"Thought {random.Next()}.", scope = new { user } }, Services.Stop);
                Assert.Equal(HttpStatusCode.Created, created.StatusCode);
                mine.Add((await created.Content.ReadFromJsonAsync<JsonElement>(Services.Stop)).GetProperty("memory").GetProperty("id").GetString()!);
            }
            else if (random.Next(2) == 0)
            {
                using var changed = await services.Client.PatchAsJsonAsync($"/v1/memories/{mine[random.Next(mine.Count)]}", new { importance = random.NextDouble() }, Services.Stop);
                Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
            }
            else
            {
                var at = random.Next(mine.Count);
                using var deleted = await services.Client.DeleteAsync($"/v1/memories/{mine[at]}", Services.Stop);
                Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
                mine.RemoveAt(at);
            }

            written++;
        }

        return written;
    }

    /// <summary>Takes a record out of the index by its own command, as often as it takes to be at the right position.</summary>
    private async Task DamageWhileWritingAsync(MemoryId id) => await Services.UntilAsync(async () =>
    {
        var status = await services.Index.StatusAsync(new StatusRequest(), cancellationToken: Services.Stop);
        var at = new PartitionPosition { Partition = id.Partition.Value, Position = status.Partitions[id.Partition.Value].Position };
        var request = new RepairRequest { Incarnation = status.Incarnation, Generation = status.Generation, At = at };
        request.Targets.Add(Coordination.Participants.IndexEvents.ToMessage(Postgres.Reconciliation.RowStates.ToEvent(id, null, new(at.Position))));
        return !(await services.Repair.RepairAsync(request, cancellationToken: Services.Stop)).Refused;
    });

    private static async Task RoleAsync(ServiceProcess reconciler, string role)
    {
        using var http = new HttpClient { BaseAddress = reconciler.Address };
        await Services.UntilAsync(async () =>
        {
            using var response = await http.GetAsync("/health", Services.Stop);
            return (await response.Content.ReadAsStringAsync(Services.Stop)).Contains($"\"role\":\"{role}\"", StringComparison.Ordinal);
        });
    }
}
