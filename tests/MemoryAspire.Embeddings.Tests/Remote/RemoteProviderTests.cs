using Microsoft.AspNetCore.Http;

namespace MemoryAspire.Embeddings.Tests.Remote;

public class RemoteProviderTests
{
    public static TheoryData<string> Providers => ["OpenAI", "Ollama"];

    [Theory, MemberData(nameof(Providers))]
    public async Task Texts_become_unit_vectors_in_the_order_given(string provider)
    {
        await using var server = await LoopbackProvider.StartAsync();
        server.Vector = text => text == "a" ? [3, 0, 4] : [0, -2, 0];
        using var embeddings = For(server, provider);
        Assert.Equal([[0.6f, 0, 0.8f], [0, -1, 0]], await embeddings.EmbedAsync("a", "b"));
        Assert.Equal(new EmbeddingModel($"{provider.ToLowerInvariant()}:some-model:3", 3), embeddings.Model);
        var request = Assert.Single(server.Requests);
        Assert.Equal("some-model", (string?)request["model"]);
        Assert.Null(request["dimensions"]);
        Assert.Equal("Bearer secret", Assert.Single(server.Keys));
    }

    [Theory, MemberData(nameof(Providers))]
    public async Task A_vector_of_zeros_is_no_vector(string provider)
    {
        await using var server = await LoopbackProvider.StartAsync();
        server.Vector = text => text == "!!!" ? [0, 0, 0] : [1, 0, 0];
        using var embeddings = For(server, provider);
        Assert.Equal([[1, 0, 0], [], [1, 0, 0]], await embeddings.EmbedAsync("a", "!!!", "b"));
    }

    [Theory, MemberData(nameof(Providers))]
    public async Task A_vector_of_another_dimension_is_refused(string provider)
    {
        await using var server = await LoopbackProvider.StartAsync();
        server.Vector = _ => [1, 0];
        using var embeddings = For(server, provider);
        var failure = await Assert.ThrowsAsync<EmbeddingException>(() => embeddings.EmbedAsync("a"));
        Assert.Contains("Embeddings:Dimensions", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_vector_that_is_not_finite_is_refused()
    {
        await using var server = await LoopbackProvider.StartAsync();
        server.Vector = _ => [1, float.NaN, 0];
        using var embeddings = For(server, "OpenAI");
        await Assert.ThrowsAsync<EmbeddingException>(() => embeddings.EmbedAsync("a"));
    }

    [Fact]
    public async Task Fewer_vectors_than_texts_are_refused()
    {
        await using var server = await LoopbackProvider.StartAsync();
        server.Before = async (_, context) =>
        {
            await context.Response.WriteAsJsonAsync(new { model = "m", embeddings = new[] { new[] { 1, 0, 0 } } });
            return true;
        };
        using var embeddings = For(server, "Ollama");
        await Assert.ThrowsAsync<EmbeddingException>(() => embeddings.EmbedAsync("a", "b"));
    }

    [Theory, MemberData(nameof(Providers))]
    public async Task A_failing_request_is_repeated(string provider)
    {
        await using var server = await LoopbackProvider.StartAsync();
        server.Before = Refuse(StatusCodes.Status503ServiceUnavailable, times: 2);
        using var embeddings = For(server, provider);
        Assert.Equal([[1, 0, 0]], await embeddings.EmbedAsync("a"));
        Assert.Equal(3, server.Requests.Count);
    }

    [Theory, MemberData(nameof(Providers))]
    public async Task Repetition_has_an_end(string provider)
    {
        await using var server = await LoopbackProvider.StartAsync();
        server.Before = Refuse(StatusCodes.Status503ServiceUnavailable, times: int.MaxValue);
        using var embeddings = For(server, provider);
        await Assert.ThrowsAsync<EmbeddingException>(() => embeddings.EmbedAsync("a"));
        Assert.Equal(3, server.Requests.Count);
    }

    [Theory, MemberData(nameof(Providers))]
    public async Task A_wrong_key_is_not_tried_again(string provider)
    {
        await using var server = await LoopbackProvider.StartAsync();
        server.Before = Refuse(StatusCodes.Status401Unauthorized, times: int.MaxValue);
        using var embeddings = For(server, provider);
        var failure = await Assert.ThrowsAsync<EmbeddingException>(() => embeddings.EmbedAsync("a"));
        Assert.DoesNotContain("secret", failure.ToString(), StringComparison.Ordinal);
        Assert.Single(server.Requests);
    }

    [Theory, MemberData(nameof(Providers))]
    public async Task A_silent_server_costs_no_more_than_the_time_allowed(string provider)
    {
        await using var server = await LoopbackProvider.StartAsync();
        server.Before = async (_, context) =>
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return true;
        };
        using var embeddings = For(server, provider, ("Timeout", "00:00:00.5"));
        await Assert.ThrowsAsync<EmbeddingException>(() => embeddings.EmbedAsync("a")).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    [Theory, MemberData(nameof(Providers))]
    public async Task Nobody_listening_is_an_embedding_failure(string provider)
    {
        var server = await LoopbackProvider.StartAsync();
        using var embeddings = For(server, provider, ("Timeout", "00:00:02"));
        await server.DisposeAsync();
        await Assert.ThrowsAsync<EmbeddingException>(() => embeddings.EmbedAsync("a"));
    }

    [Theory, MemberData(nameof(Providers))]
    public async Task A_provider_of_another_dimension_stops_the_start(string provider)
    {
        await using var server = await LoopbackProvider.StartAsync();
        server.Vector = _ => [1, 0];
        using var embeddings = For(server, provider);
        var failure = await Assert.ThrowsAsync<EmbeddingException>(embeddings.StartAsync);
        Assert.Contains("Embeddings:Dimensions", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_provider_that_is_away_does_not_stop_the_start()
    {
        var server = await LoopbackProvider.StartAsync();
        using var embeddings = For(server, "Ollama");
        await server.DisposeAsync();
        await embeddings.StartAsync();
    }

    [Fact]
    public async Task Repetitions_have_a_budget_and_a_failing_provider_is_left_alone()
    {
        await using var server = await LoopbackProvider.StartAsync();
        server.Before = Refuse(StatusCodes.Status503ServiceUnavailable, times: int.MaxValue);
        using var embeddings = For(server, "Ollama");

        var failures = new List<EmbeddingException>();
        for (var at = 0; at < 40; at++) failures.Add(await Assert.ThrowsAsync<EmbeddingException>(() => embeddings.EmbedAsync($"text {at}")));

        // Three each would be 120.
        Assert.InRange(server.Requests.Count, 10, 50);
        Assert.Contains(failures, failure => failure.InnerException is Polly.CircuitBreaker.BrokenCircuitException);
    }

    [Fact]
    public void A_repetition_is_earned_by_ten_successes()
    {
        var budget = new MemoryAspire.Embeddings.Remote.RetryBudget();
        for (var at = 0; at < 10; at++) Assert.True(budget.TrySpend());
        Assert.False(budget.TrySpend());
        for (var at = 0; at < 9; at++) budget.Earn();
        Assert.False(budget.TrySpend());
        budget.Earn();
        Assert.True(budget.TrySpend());
        Assert.False(budget.TrySpend());
    }

    [Fact]
    public async Task A_cancelled_caller_sees_a_cancellation()
    {
        await using var server = await LoopbackProvider.StartAsync();
        using var cancellation = new CancellationTokenSource();
        server.Before = async (_, _) =>
        {
            await cancellation.CancelAsync();
            return false;
        };
        using var embeddings = For(server, "OpenAI");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => embeddings.Generator.GenerateAsync(["a"], cancellationToken: cancellation.Token));
    }

    [Fact]
    public async Task Many_texts_are_asked_for_in_several_requests()
    {
        await using var server = await LoopbackProvider.StartAsync();
        server.Vector = text => text.StartsWith('x') ? [0, 0, 1] : [0, 1, 0];
        using var embeddings = For(server, "OpenAI");
        var vectors = await embeddings.EmbedAsync([.. Enumerable.Repeat("y", 150), .. Enumerable.Repeat(new string('x', 32768), 6)]);
        Assert.Equal(156, vectors.Length);
        Assert.All(vectors[..150], vector => Assert.Equal(1, vector[1]));
        Assert.All(vectors[150..], vector => Assert.Equal(1, vector[2]));
        Assert.All(server.Requests, request => Assert.InRange(request["input"]!.AsArray().Count, 1, 64));
        Assert.All(server.Requests, request => Assert.InRange(request["input"]!.AsArray().Sum(text => ((string)text!).Length), 1, 128 * 1024));
    }

    [Fact]
    public async Task A_model_that_can_shorten_its_vectors_is_asked_to()
    {
        await using var server = await LoopbackProvider.StartAsync();
        using var embeddings = For(server, "OpenAI", ("Model", "text-embedding-3-small"));
        await embeddings.EmbedAsync("a");
        Assert.Equal(3, (int?)Assert.Single(server.Requests)["dimensions"]);
    }

    [Fact]
    public async Task Plain_numbers_are_understood_where_base64_was_asked_for()
    {
        await using var server = await LoopbackProvider.StartAsync();
        server.Before = async (_, context) =>
        {
            await context.Response.WriteAsync("""{"object":"list","model":"m","data":[{"object":"embedding","index":0,"embedding":[0,0.5,0]}]}""");
            return true;
        };
        using var embeddings = For(server, "OpenAI");
        Assert.Equal([[0, 1, 0]], await embeddings.EmbedAsync("a"));
    }

    private static Func<int, HttpContext, Task<bool>> Refuse(int status, int times) => (request, context) =>
    {
        if (request <= times) context.Response.StatusCode = status;
        return Task.FromResult(request <= times);
    };

    private static Embeddings For(LoopbackProvider server, string provider, params (string, string?)[] more) => new([
        ("Provider", provider), ("Model", "some-model"), ("Dimensions", "3"), ("ApiKey", "secret"),
        ("Endpoint", provider == "OpenAI" ? $"{server.Url}/v1" : server.Url), .. more]);
}
