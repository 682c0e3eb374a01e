using MemoryAspire.Embeddings.Caching;
using MemoryAspire.Embeddings.Tests.Remote;
using MemoryAspire.TestStores;
using Microsoft.AspNetCore.Http;
using StackExchange.Redis;

[assembly: AssemblyFixture(typeof(StoresFixture))]

namespace MemoryAspire.Embeddings.Tests.Caching;

public sealed class EmbeddingCacheTests(StoresFixture stores)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Equal_texts_at_once_are_asked_for_once()
    {
        await using var provider = await LoopbackProvider.StartAsync();
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        provider.Before = async (_, _) =>
        {
            await release.Task;
            return false;
        };
        using var embeddings = For(provider, null);

        var asking = Enumerable.Range(0, 32).Select(_ => embeddings.EmbedAsync("tea")).ToList();
        await UntilAsync(() => !provider.Requests.IsEmpty);
        release.SetResult();
        var vectors = await Task.WhenAll(asking);

        Assert.All(vectors, vector => Assert.Equal([[1, 0, 0]], vector));
        Assert.Single(provider.Requests);
        await embeddings.EmbedAsync("tea", "tea");
        Assert.Single(provider.Requests);
    }

    [Fact]
    public async Task A_hundred_texts_cost_two_requests_and_only_what_is_new_costs_again()
    {
        await using var provider = await LoopbackProvider.StartAsync();
        provider.Vector = text => [1, text.Length, 0];
        using var embeddings = For(provider, null);
        string[] texts = [.. Enumerable.Range(0, 100).Select(at => new string('x', at + 1))];

        var first = await embeddings.EmbedAsync(texts);
        var second = await embeddings.EmbedAsync([.. texts.Reverse(), "new"]);

        Assert.Equal(first.Reverse(), second[..100]);
        Assert.Equal([64, 36, 1], provider.Requests.Select(request => request["input"]!.AsArray().Count));
    }

    [Fact]
    public async Task Overlapping_requests_wait_for_each_other_and_never_forever()
    {
        await using var provider = await LoopbackProvider.StartAsync();
        using var embeddings = For(provider, null);

        await Task.WhenAll(Enumerable.Range(0, 64).Select(at => embeddings.EmbedAsync([.. Enumerable.Range(0, 30).Select(text => $"text {(at + text) % 40}")])));

        Assert.Equal(40, provider.Requests.Sum(request => request["input"]!.AsArray().Count));
    }

    [Fact]
    public async Task A_vector_outlives_the_process_in_redis()
    {
        await using var provider = await LoopbackProvider.StartAsync();
        provider.Vector = text => text == "!!!" ? [0, 0, 0] : [0.6f, 0, 0.8f];
        await using var redis = await ConnectionMultiplexer.ConnectAsync(await stores.CreateRedisDatabaseAsync());
        float[][] first;
        using (var before = For(provider, redis))
        {
            first = await before.EmbedAsync("tea", "!!!");
            await UntilAsync(() => redis.GetDatabase().KeyExists(EmbeddingCache.KeyOf(before.Model, "tea")) && redis.GetDatabase().KeyExists(EmbeddingCache.KeyOf(before.Model, "!!!")));
            Assert.InRange(redis.GetDatabase().KeyTimeToLive(EmbeddingCache.KeyOf(before.Model, "tea"))!.Value.TotalDays, 29, 30);
        }

        using var after = For(provider, redis);
        Assert.Equal(first, await after.EmbedAsync("tea", "!!!"));
        Assert.Equal([[0.6f, 0, 0.8f], []], first);
        Assert.Single(provider.Requests);
    }

    [Fact]
    public async Task Damaged_bytes_are_a_miss_whichever_of_them_it_is()
    {
        await using var provider = await LoopbackProvider.StartAsync();
        await using var redis = await ConnectionMultiplexer.ConnectAsync(await stores.CreateRedisDatabaseAsync());
        using var embeddings = For(provider, redis);
        await embeddings.EmbedAsync("tea");
        var key = EmbeddingCache.KeyOf(embeddings.Model, "tea");
        await UntilAsync(() => redis.GetDatabase().KeyExists(key));
        var bytes = (byte[])redis.GetDatabase().StringGet(key)!;

        for (var at = 0; at < bytes.Length; at++)
        {
            // What is reserved is not read, but covered by the digest as everything is.
            var damaged = bytes.ToArray();
            damaged[at] ^= 1;
            redis.GetDatabase().StringSet(key, damaged, TimeSpan.FromMinutes(1));
            using var other = For(provider, redis);
            provider.Requests.Clear();
            Assert.Equal([[1, 0, 0]], await other.EmbedAsync("tea"));
            Assert.Single(provider.Requests);
            await UntilAsync(() => ((byte[])redis.GetDatabase().StringGet(key)!).Length == bytes.Length);
        }

        for (var length = 0; length < bytes.Length; length++) Assert.Throws<InvalidDataException>(() => new VectorSerializer().Deserialize<ZiggyCreatures.Caching.Fusion.Internals.Distributed.FusionCacheDistributedEntry<float[]>>(bytes[..length]));
    }

    [Fact]
    public async Task Another_models_vector_is_never_taken()
    {
        await using var provider = await LoopbackProvider.StartAsync();
        await using var redis = await ConnectionMultiplexer.ConnectAsync(await stores.CreateRedisDatabaseAsync());
        using var one = For(provider, redis);
        await one.EmbedAsync("tea");
        await UntilAsync(() => redis.GetDatabase().KeyExists(EmbeddingCache.KeyOf(one.Model, "tea")));
        provider.Vector = _ => [0, 1, 0];
        using var other = For(provider, redis, ("Model", "other-model"));

        Assert.Equal([[0, 1, 0]], await other.EmbedAsync("tea"));
        Assert.Equal([[1, 0, 0]], await one.EmbedAsync("tea"));
        Assert.Equal(2, provider.Requests.Count);

        // Not even when its bytes are under the other's key.
        provider.Vector = _ => [0, 1, 0, 0];
        using var wider = For(provider, redis, ("Dimensions", "4"));
        redis.GetDatabase().StringSet(EmbeddingCache.KeyOf(wider.Model, "tea"), redis.GetDatabase().StringGet(EmbeddingCache.KeyOf(one.Model, "tea")), TimeSpan.FromMinutes(1));
        Assert.Equal([[0, 1, 0, 0]], await wider.EmbedAsync("tea"));
    }

    [Fact]
    public async Task A_failure_is_told_to_whoever_waited_and_is_not_kept()
    {
        await using var provider = await LoopbackProvider.StartAsync();
        provider.Before = (request, context) =>
        {
            if (request == 1) context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return Task.FromResult(request == 1);
        };
        using var embeddings = For(provider, null);

        await Assert.ThrowsAsync<EmbeddingException>(() => embeddings.EmbedAsync("tea", "coffee"));
        Assert.Equal([[1, 0, 0], [1, 0, 0]], await embeddings.EmbedAsync("tea", "coffee"));
        Assert.Equal(2, provider.Requests.Count);
    }

    [Fact]
    public async Task A_caller_who_leaves_takes_nobody_with_it()
    {
        await using var provider = await LoopbackProvider.StartAsync();
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        provider.Before = async (_, _) =>
        {
            await release.Task;
            return false;
        };
        using var embeddings = For(provider, null);
        using var leaving = new CancellationTokenSource();
        var left = embeddings.Generator.GenerateAsync(["tea"], cancellationToken: leaving.Token);
        await UntilAsync(() => !provider.Requests.IsEmpty);

        var stays = embeddings.EmbedAsync("tea");
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        release.SetResult();

        Assert.Equal([[1, 0, 0]], await stays);
        Assert.Single(provider.Requests);
    }

    [Fact]
    public async Task Without_redis_vectors_are_made_and_kept_in_the_process()
    {
        await using var provider = await LoopbackProvider.StartAsync();
        var server = await RedisServer.StartAsync();
        await using var redis = await ConnectionMultiplexer.ConnectAsync($"{server.ConnectionString},abortConnect=false");
        using var embeddings = For(provider, redis);
        await server.KillAsync();

        Assert.Equal([[1, 0, 0]], await embeddings.EmbedAsync("tea"));
        Assert.Equal([[1, 0, 0]], await embeddings.EmbedAsync("tea"));
        Assert.Single(provider.Requests);
        await Assert.ThrowsAnyAsync<RedisException>(() => embeddings.Cache.RemoveAsync(embeddings.Model, "tea", Cancellation));
        await server.DisposeAsync();
    }

    [Fact]
    public async Task What_is_removed_is_gone_from_redis_and_from_every_process()
    {
        await using var provider = await LoopbackProvider.StartAsync();
        await using var redis = await ConnectionMultiplexer.ConnectAsync(await stores.CreateRedisDatabaseAsync());
        using var one = For(provider, redis);
        using var other = For(provider, redis);
        await one.EmbedAsync("tea", "coffee");
        var key = EmbeddingCache.KeyOf(one.Model, "tea");
        await UntilAsync(() => redis.GetDatabase().KeyExists(key));
        await other.EmbedAsync("tea", "coffee");
        Assert.Single(provider.Requests);

        await one.Cache.RemoveAsync(one.Model, "tea", Cancellation);

        Assert.False(redis.GetDatabase().KeyExists(key));
        await UntilAsync(() => other.Cache.FindHere(other.Model, key) is null);
        Assert.Null(one.Cache.FindHere(one.Model, key));
        Assert.NotNull(other.Cache.FindHere(other.Model, EmbeddingCache.KeyOf(other.Model, "coffee")));
    }

    [Fact]
    public async Task Content_is_not_in_redis()
    {
        await using var provider = await LoopbackProvider.StartAsync();
        await using var redis = await ConnectionMultiplexer.ConnectAsync(await stores.CreateRedisDatabaseAsync());
        using var embeddings = For(provider, redis);
        await embeddings.EmbedAsync("a secret of Ada");
        var database = redis.GetDatabase();
        await UntilAsync(() => redis.GetServers()[0].Keys(database.Database, "embedding:*").Any());

        var key = Assert.Single(redis.GetServers()[0].Keys(database.Database));
        Assert.DoesNotContain("secret", key.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", System.Text.Encoding.Latin1.GetString((byte[])database.StringGet(key)!), StringComparison.Ordinal);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30), TimeProvider.System);
        while (!condition()) await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, patience.Token);
    }

    private static Embeddings For(LoopbackProvider server, IConnectionMultiplexer? redis, params (string, string?)[] more) => new(redis, [
        ("Provider", "Ollama"), ("Model", "some-model"), ("Dimensions", "3"), ("Endpoint", server.Url), .. more]);
}
