using System.Text.RegularExpressions;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Index;
using MemoryAspire.TestStores;

namespace MemoryAspire.IndexService.Tests;

public sealed class FollowingTests(StoresFixture stores) : ServiceTest(stores)
{
    [Fact]
    public async Task What_nobody_pushed_arrives_through_the_log()
    {
        var written = await WriteAsync([1, 0, 0], [0, 1, 0]);
        var reply = await SearchAsync(written);
        Assert.Equal([written[0].Id, written[1].Id], reply.Hits.Select(hit => MemoryId.Read(hit.Id.Span)));
        var deleted = await DeleteAsync(written[0].Id);
        Assert.Equal([written[1].Id], (await SearchAsync(deleted)).Hits.Select(hit => MemoryId.Read(hit.Id.Span)));
    }

    [Fact]
    public async Task What_arrives_through_the_log_is_measured_from_its_time_in_the_log()
    {
        await SearchAsync(await WriteAsync([1, 0, 0]));
        using var http = new HttpClient { BaseAddress = Service.Address };
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        string metrics;

        // It is searchable an instant before it is counted.
        do metrics = await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), bound.Token);
        while (!Regex.IsMatch(metrics, """memory_sync_latency_seconds_count\{[^}]*by="follow"[^}]*\} 1"""));
    }

    [Fact]
    public async Task A_restart_finds_everything_and_a_kill_loses_nothing()
    {
        var written = await WriteAsync([1, 0, 0], [0, 1, 0], [0, 0, 1]);
        Assert.Equal(3, (await SearchAsync(written)).Hits.Count);
        await Service.StopAsync();
        await RestartAsync();
        var more = await WriteAsync([1, 1, 0]);
        Assert.Equal(4, (await SearchAsync(more)).Hits.Count);
        await Service.KillAsync();
        var unseen = await WriteAsync([1, 1, 1]);
        await RestartAsync();
        Assert.Equal(5, (await SearchAsync(unseen)).Hits.Count);
    }

    [Fact]
    public async Task A_directory_of_another_database_is_begun_anew()
    {
        var written = await WriteAsync([1, 0, 0]);
        await SearchAsync(written);
        await Service.StopAsync();
        var former = Folder;
        await using var other = new OtherDatabase(Stores);
        await other.InitializeAsync();
        await other.Service.StopAsync();
        await using var service = await ServiceProcess.StartAsync(former, other.ConnectionString);
        await service.WaitUntilReadyAsync();
        var status = await service.StatusAsync();
        Assert.Equal((other.Incarnation, 0L), (status.Incarnation, status.Memories));
    }

    [Fact]
    public async Task A_full_index_stays_up_and_says_that_it_is_behind()
    {
        await Service.StopAsync();
        await Service.DisposeAsync();
        Service = await ServiceProcess.StartAsync(Folder, ConnectionString, ("Index__CapacityMax", "1"));
        var written = await WriteAsync([1, 0, 0], [0, 1, 0]);
        await Service.WaitUntilAsync(status => status.Vectors == 1);
        var request = Query(1, 1, 0);
        request.WaitMilliseconds = 100;
        request.AtLeast.AddRange(written.Select(pair => pair.At));
        var refused = await Assert.ThrowsAsync<Grpc.Core.RpcException>(() => Service.SearchAsync(request));
        Assert.Equal(Grpc.Core.StatusCode.DeadlineExceeded, refused.StatusCode);
    }

    private async Task RestartAsync()
    {
        await Service.DisposeAsync();
        Service = await ServiceProcess.StartAsync(Folder, ConnectionString);
        await Service.WaitUntilReadyAsync();
    }

    private async Task<SearchReply> SearchAsync(IEnumerable<(MemoryId Id, PartitionPosition At)> written)
    {
        var request = Query(3, 2, 1);
        request.AtLeast.AddRange(written.Select(pair => pair.At));
        return await Service.SearchAsync(request);
    }

    private sealed class OtherDatabase(StoresFixture stores) : ServiceTest(stores), IAsyncDisposable
    {
        public new ServiceProcess Service => base.Service;

        public new string ConnectionString => base.ConnectionString;

        public new uint Incarnation => base.Incarnation;
    }
}

public sealed class EmptyDatabaseTests(StoresFixture stores) : ServiceTest(stores)
{
    protected override bool WithGeneration => false;

    [Fact]
    public async Task Without_a_generation_the_index_is_healthy_and_picks_it_up_when_it_comes()
    {
        using var http = new HttpClient { BaseAddress = Service.Address };
        Assert.Contains("\"state\":\"ready\"", await http.GetStringAsync(new Uri("/health", UriKind.Relative), Stop), StringComparison.Ordinal);
        var refused = await Assert.ThrowsAsync<Grpc.Core.RpcException>(() => Service.SearchAsync(Query(1, 0, 0)));
        Assert.Equal(Grpc.Core.StatusCode.FailedPrecondition, refused.StatusCode);
        await MakeGenerationAsync();
        var written = await WriteAsync([1, 0, 0]);
        await Service.WaitUntilAsync(status => status.Vectors == 1);
        var request = Query(1, 0, 0);
        request.AtLeast.AddRange(written.Select(pair => pair.At));
        Assert.Single((await Service.SearchAsync(request)).Hits);
    }
}
