using Google.Protobuf;
using Grpc.Core;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Index;
using MemoryAspire.TestStores;

namespace MemoryAspire.IndexService.Tests;

public sealed class ProtocolTests(StoresFixture stores) : ServiceTest(stores)
{
    [Fact]
    public async Task Every_call_needs_the_internal_key()
    {
        foreach (var headers in new Metadata[] { [], new() { { "authorization", "Bearer another-key-as-long-as-it" } }, new() { { "authorization", ServiceProcess.Key } } })
        {
            await AssertStatus(StatusCode.Unauthenticated, () => Service.Client.SearchAsync(Query(1, 0, 0), headers, cancellationToken: Stop).ResponseAsync);
            await AssertStatus(StatusCode.Unauthenticated, () => Service.Client.ApplyAsync(new ApplyRequest(), headers, cancellationToken: Stop).ResponseAsync);
            await AssertStatus(StatusCode.Unauthenticated, () => Service.Client.PrepareAsync(new PrepareRequest(), headers, cancellationToken: Stop).ResponseAsync);
            await AssertStatus(StatusCode.Unauthenticated, () => Service.Client.AbortAsync(new AbortRequest(), headers, cancellationToken: Stop).ResponseAsync);
            await AssertStatus(StatusCode.Unauthenticated, () => Service.Client.StatusAsync(new StatusRequest(), headers, cancellationToken: Stop).ResponseAsync);
            await AssertStatus(StatusCode.Unauthenticated, () => Service.Client.LookupAsync(new LookupRequest(), headers, cancellationToken: Stop).ResponseAsync);
        }
    }

    [Fact]
    public async Task Another_generation_or_database_is_refused()
    {
        var generation = Query(1, 0, 0);
        generation.Generation = 2;
        var database = Query(1, 0, 0);
        database.Incarnation++;
        await AssertStatus(StatusCode.FailedPrecondition, () => Service.SearchAsync(generation));
        await AssertStatus(StatusCode.FailedPrecondition, () => Service.SearchAsync(database));
        await AssertStatus(StatusCode.FailedPrecondition, () => Service.ApplyAsync(new ApplyRequest { Incarnation = Incarnation, Generation = 2 }));
        await AssertStatus(StatusCode.FailedPrecondition, () => Service.PrepareAsync(new PrepareRequest { Incarnation = Incarnation, Generation = 2 }));
        await AssertStatus(StatusCode.FailedPrecondition, () => Service.AbortAsync(new AbortRequest { Incarnation = Incarnation + 1, Generation = 1 }));
    }

    [Fact]
    public async Task What_is_wrong_is_named()
    {
        await AssertInvalid("vector", Query(1, 0));
        await AssertInvalid("vector", Query(1, 0, float.NaN));
        await AssertInvalid("vector", Query(0, 0, 0));
        await AssertInvalid("k", With(request => request.K = 0));
        await AssertInvalid("k", With(request => request.K = 10_001));
        await AssertInvalid("tenant", With(request => request.Tenant = ""));
        await AssertInvalid("least_similarity", With(request => request.LeastSimilarity = 1.1f));
        await AssertInvalid("least_similarity", With(request => request.LeastSimilarity = float.NaN));
        await AssertInvalid("kinds", With(request => request.Kinds.Add("unheard of")));
        await AssertInvalid("at_least", With(request => request.AtLeast.Add(new PartitionPosition { Partition = 256 })));
        var id = MemoryId.Create(new Partition(3), DateTimeOffset.UnixEpoch, Random);
        await AssertInvalidEvent("events[0].vector", Created(id, 1, 1, 2));
        await AssertInvalidEvent("events[0].vector", Created(id, 1, 1, 2, float.PositiveInfinity));
        await AssertInvalidEvent("events[0].id", Created(id, 1, 1, 2, 3), @event => @event.Id = ByteString.CopyFrom([1]));
        await AssertInvalidEvent("events[0].id", Created(id, 1, 1, 2, 3), @event => @event.Partition = 4);
        await AssertInvalidEvent("events[0].position", Created(id, 0, 1, 2, 3));
        await AssertInvalidEvent("events[0].kind", Created(id, 1, 1, 2, 3), @event => @event.Kind = "");
        await AssertInvalidEvent("events[0].tenant", Created(id, 1, 1, 2, 3), @event => @event.Tenant = "");
        await AssertInvalidEvent("events[0].transaction_id", Created(id, 1, 1, 2, 3), @event => @event.TransactionId = ByteString.CopyFrom([1]));
        await AssertInvalidPrepare("transactions[0].id", transaction => transaction.Id = ByteString.Empty);
        await AssertInvalidPrepare("transactions[0].items[0].id", transaction => transaction.Items.Add(new PrepareRequest.Types.Item()));
        Assert.Equal(0, (await Service.StatusAsync()).Memories);
    }

    [Fact]
    public async Task A_search_waits_for_a_position_and_gives_up_when_it_does_not_come()
    {
        var request = With(request => request.AtLeast.Add(new PartitionPosition { Partition = 5, Position = 1 }));
        request.WaitMilliseconds = 50;
        await AssertStatus(StatusCode.DeadlineExceeded, () => Service.SearchAsync(request));
    }

    [Fact]
    public async Task What_is_pushed_is_found_and_looked_up()
    {
        // Pushed events are in the log already; here they are written first, so that the follower agrees.
        var (id, at) = (await WriteAsync([1, 2, 3])).Single();
        var reply = await Service.ApplyAsync(new ApplyRequest { Incarnation = Incarnation, Generation = 1, WaitMilliseconds = 10_000, Events = { Created(id, at.Position, 1, 2, 3) } });
        Assert.Equal(at, Assert.Single(reply.Applied));
        var found = await Service.SearchAsync(Query(2, 4, 6));
        var hit = Assert.Single(found.Hits);
        Assert.Equal((id, 1L, true), (MemoryId.Read(hit.Id.Span), hit.Version, found.Exhausted));
        Assert.Equal(1, hit.Similarity, 1e-5);
        Assert.Equal(at, Assert.Single(found.Seen));

        // Times and similarity are limits inside the engine.
        Assert.Empty((await Service.SearchAsync(With(request => request.LeastSimilarity = 0.9f))).Hits);
        Assert.Single((await Service.SearchAsync(With(request => request.LeastSimilarity = 0.2f))).Hits);
        Assert.Empty((await Service.SearchAsync(With(request => request.CreatedTo = long.MinValue))).Hits);
        Assert.Empty((await Service.SearchAsync(With(request => request.UpdatedFrom = long.MaxValue))).Hits);
        Assert.Single((await Service.SearchAsync(With(request => (request.CreatedFrom, request.CreatedTo, request.UpdatedFrom, request.UpdatedTo) = (0, long.MaxValue, 0, long.MaxValue)))).Hits);
        var lookup = await Service.LookupAsync(new LookupRequest { Ids = { hit.Id, ByteString.CopyFrom(new byte[16]) } });
        Assert.Equal([1L, 0L], lookup.Entries.Select(entry => entry.Version));
        Assert.Equal([true, false], lookup.Entries.Select(entry => entry.HasVector));
    }

    [Fact]
    public async Task Http_1_and_http_2_share_the_address()
    {
        using var http = new HttpClient { BaseAddress = Service.Address };
        using var health = await http.GetAsync(new Uri("/health", UriKind.Relative), Stop);
        Assert.Equal(System.Net.HttpVersion.Version11, health.Version);
        Assert.Equal(System.Net.HttpStatusCode.OK, health.StatusCode);
        Assert.Contains("\"state\":\"ready\"", await health.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        Assert.Equal(System.Net.HttpStatusCode.OK, (await http.GetAsync(new Uri("/alive", UriKind.Relative), Stop)).StatusCode);
        var metrics = await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), Stop);
        Assert.Contains("faiss_index_size", metrics, StringComparison.Ordinal);
        Assert.Matches("""memory_tier_lag\{[^}]*tier="index"[^}]*\} 0""", metrics);
        Assert.Matches("""memory_tier_lag_duration_seconds\{[^}]*tier="index"[^}]*\} [0-9]""", metrics);
        using var http2 = new HttpRequestMessage(HttpMethod.Get, new Uri(Service.Address, "/alive")) { Version = System.Net.HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var alive = await http.SendAsync(http2, Stop);
        Assert.Equal((System.Net.HttpVersion.Version20, System.Net.HttpStatusCode.OK), (alive.Version, alive.StatusCode));
    }

    private SearchRequest With(Action<SearchRequest> change)
    {
        var request = Query(1, 0, 0);
        change(request);
        return request;
    }

    private async Task AssertInvalid(string field, SearchRequest request) =>
        Assert.StartsWith(field, await AssertStatus(StatusCode.InvalidArgument, () => Service.SearchAsync(request)), StringComparison.Ordinal);

    private async Task AssertInvalidEvent(string field, Event @event, Action<Event>? change = null)
    {
        change?.Invoke(@event);
        var request = new ApplyRequest { Incarnation = Incarnation, Generation = 1, Events = { @event } };
        Assert.StartsWith(field, await AssertStatus(StatusCode.InvalidArgument, () => Service.ApplyAsync(request)), StringComparison.Ordinal);
    }

    private async Task AssertInvalidPrepare(string field, Action<PrepareRequest.Types.Transaction> change)
    {
        var transaction = new PrepareRequest.Types.Transaction { Id = Bytes(Guid.CreateVersion7()) };
        change(transaction);
        var request = new PrepareRequest { Incarnation = Incarnation, Generation = 1, Transactions = { transaction } };
        Assert.StartsWith(field, await AssertStatus(StatusCode.InvalidArgument, () => Service.PrepareAsync(request)), StringComparison.Ordinal);
    }

    private static async Task<string> AssertStatus<TReply>(StatusCode expected, Func<Task<TReply>> call)
    {
        var exception = await Assert.ThrowsAsync<RpcException>(call);
        Assert.Equal(expected, exception.StatusCode);
        return exception.Status.Detail;
    }
}
