using System.Net;
using System.Text;
using System.Text.Json;
using Npgsql;

namespace MemoryAspire.Api.Tests;

public sealed class LockTests(Stack stack)
{
    public static TheoryData<string, string> WrongBodies => new()
    {
        { "{}", "ttlSeconds" },
        { """{"ttlSeconds":null}""", "ttlSeconds" },
        { """{"ttlSeconds":0}""", "ttlSeconds" },
        { """{"ttlSeconds":-1}""", "ttlSeconds" },
        { """{"ttlSeconds":86400.5}""", "ttlSeconds" },
        { """{"ttlSeconds":"60"}""", "ttlSeconds" },
        { """{"ttlSeconds":60,"fencingToken":"1"}""", "fencingToken" },
        { """{"ttlSeconds":60,"fencingToken":1.5}""", "fencingToken" },
        { """{"ttlSeconds":60,"fencingToken":9223372036854775808}""", "fencingToken" },
        { """{"ttlSeconds":""", "ttlSeconds" },
        { "[]", "$" },
        { "", "$" },
    };

    [Fact]
    public async Task A_lock_is_taken_refused_renewed_released_and_taken_again()
    {
        var taken = await TakeAsync("life", new { ttlSeconds = 60 });
        var refused = await TakeAsync("life", new { ttlSeconds = 60 });
        var renewed = await TakeAsync("life", new { ttlSeconds = 86400, fencingToken = 1 });
        var released = await ReleaseAsync("life", "?fencingToken=1");
        var again = await TakeAsync("life", new { ttlSeconds = 0.5 });

        Assert.Equal(HttpStatusCode.OK, taken.Status);
        Assert.Equal(["expiresAt", "fencingToken", "name"], taken.Body.EnumerateObject().Select(member => member.Name).Order());
        Assert.Equal(("life", 1), (taken.Body.GetProperty("name").GetString(), Token(taken)));
        Assert.EndsWith("Z", taken.Body.GetProperty("expiresAt").GetString(), StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.Conflict, "application/problem+json"), (refused.Status, refused.Raw.Content.Headers.ContentType?.MediaType));
        Assert.Equal(taken.Body.GetProperty("expiresAt").GetString(), refused.Body.GetProperty("expiresAt").GetString());
        Assert.InRange(refused.Raw.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
        Assert.Equal((HttpStatusCode.OK, 1), (renewed.Status, Token(renewed)));
        Assert.True(Expiry(renewed) > Expiry(taken).AddHours(23));
        Assert.Equal(HttpStatusCode.NoContent, released.Status);
        Assert.Equal((HttpStatusCode.OK, 2), (again.Status, Token(again)));
        Assert.All([taken, refused, renewed, released], answer => Assert.NotEqual("", answer.Token));
    }

    [Fact]
    public async Task A_lapsed_lease_is_another_callers_to_take()
    {
        Assert.Equal(HttpStatusCode.OK, (await TakeAsync("lapse", new { ttlSeconds = 0.2 })).Status);

        await Until.TrueAsync(async () => await TakeAsync("lapse", new { ttlSeconds = 60 }) is { Status: HttpStatusCode.OK } next && Token(next) == 2);

        Assert.Equal(HttpStatusCode.Conflict, (await TakeAsync("lapse", new { ttlSeconds = 60, fencingToken = 1 })).Status);
    }

    [Fact]
    public async Task Only_the_current_token_renews_and_releases()
    {
        await TakeAsync("token", new { ttlSeconds = 60 });

        var renewed = await TakeAsync("token", new { ttlSeconds = 60, fencingToken = 2 });
        var released = await ReleaseAsync("token", "?fencingToken=2");
        var free = await TakeAsync("token-free", new { ttlSeconds = 60, fencingToken = 1 });

        Assert.Equal((HttpStatusCode.Conflict, HttpStatusCode.Conflict), (renewed.Status, released.Status));
        Assert.True(renewed.Body.TryGetProperty("expiresAt", out _));
        Assert.Equal(HttpStatusCode.Conflict, free.Status);
        Assert.False(free.Body.TryGetProperty("expiresAt", out _));
        Assert.Null(free.Raw.Headers.RetryAfter);
        Assert.Equal(HttpStatusCode.Conflict, (await ReleaseAsync("token", "")).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await ReleaseAsync("token", "?fencingToken=")).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await ReleaseAsync("token-free", "?fencingToken=1")).Status);
        Assert.Equal(["fencingToken"], (await ReleaseAsync("token", "?fencingToken=one")).WrongFields);
        Assert.Equal(HttpStatusCode.NoContent, (await ReleaseAsync("token", "?fencingToken=1")).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await ReleaseAsync("token", "?fencingToken=1")).Status);
    }

    [Fact]
    public async Task A_repeated_request_tells_the_same_again()
    {
        var body = new { ttlSeconds = 60 };
        var taken = await TakeAsync("again", body, "lock-1");
        var takenAgain = await TakeAsync("again", body, "lock-1");
        var other = await TakeAsync("again", new { ttlSeconds = 61 }, "lock-1");
        var elsewhere = await TakeAsync("again-elsewhere", body, "lock-1");
        var released = await ReleaseAsync("again", "?fencingToken=1", "lock-2");
        var releasedAgain = await ReleaseAsync("again", "?fencingToken=1", "lock-2");
        var reused = await ReleaseAsync("again", "?fencingToken=1", "lock-1");

        Assert.Equal((HttpStatusCode.OK, ""), (taken.Status, taken.Header("Idempotency-Replayed")));
        Assert.Equal((HttpStatusCode.OK, "true"), (takenAgain.Status, takenAgain.Header("Idempotency-Replayed")));
        Assert.Equal(taken.Body.GetRawText(), takenAgain.Body.GetRawText());
        Assert.Equal((HttpStatusCode.UnprocessableEntity, HttpStatusCode.UnprocessableEntity), (other.Status, elsewhere.Status));
        Assert.Equal((HttpStatusCode.NoContent, ""), (released.Status, released.Header("Idempotency-Replayed")));
        Assert.Equal((HttpStatusCode.NoContent, "true"), (releasedAgain.Status, releasedAgain.Header("Idempotency-Replayed")));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, reused.Status);
    }

    [Fact]
    public async Task A_refusal_is_not_kept()
    {
        await TakeAsync("refusal", new { ttlSeconds = 60 });

        Assert.Equal(HttpStatusCode.Conflict, (await TakeAsync("refusal", new { ttlSeconds = 60 }, "refusal-1")).Status);
        await ReleaseAsync("refusal", "?fencingToken=1");
        var taken = await TakeAsync("refusal", new { ttlSeconds = 60 }, "refusal-1");

        Assert.Equal((HttpStatusCode.OK, 2, ""), (taken.Status, Token(taken), taken.Header("Idempotency-Replayed")));
    }

    [Fact]
    public async Task Another_tenants_lock_of_the_same_name_is_another()
    {
        await using (var source = NpgsqlDataSource.Create(stack.Database))
        {
            await using var theirs = source.CreateCommand(
                "insert into locks select n, 'other', 'shared', 41, 'infinity' from generate_series(0, 255) n");
            await theirs.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(1, Token(await TakeAsync("shared", new { ttlSeconds = 60 })));
        Assert.Equal(HttpStatusCode.Conflict, (await ReleaseAsync("shared", "?fencingToken=41")).Status);
    }

    [Theory]
    [InlineData("with space", "with%20space")]
    [InlineData("a/b", "a%2Fb")]
    [InlineData("tea 🫖", "tea%20%F0%9F%AB%96")]
    public async Task A_name_is_any_text(string name, string segment)
    {
        var taken = await TakeAsync(segment, new { ttlSeconds = 60 });

        Assert.Equal((HttpStatusCode.OK, name), (taken.Status, taken.Body.GetProperty("name").GetString()));
        Assert.Equal(HttpStatusCode.NoContent, (await ReleaseAsync(segment, $"?fencingToken={Token(taken)}")).Status);
    }

    [Fact]
    public async Task A_name_has_256_characters_at_most()
    {
        Assert.Equal(HttpStatusCode.OK, (await TakeAsync(new string('x', 256), new { ttlSeconds = 60 })).Status);
        Assert.Equal(["name"], (await TakeAsync(new string('x', 257), new { ttlSeconds = 60 })).WrongFields);
        Assert.Equal(["name"], (await ReleaseAsync(new string('x', 257), "?fencingToken=1")).WrongFields);
    }

    [Theory]
    [MemberData(nameof(WrongBodies))]
    public async Task A_wrong_field_is_400_and_named(string body, string field)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/v1/locks/wrong") { Content = new StringContent(body, Encoding.UTF8, "application/json") };

        var answer = await stack.Client.AnswerAsync(request);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal([field], answer.WrongFields);
    }

    [Fact]
    public async Task Without_a_key_there_is_no_lock()
    {
        using var stranger = stack.NewClient();

        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.CallAsync(HttpMethod.Put, "/v1/locks/x", new { ttlSeconds = 60 })).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.CallAsync(HttpMethod.Delete, "/v1/locks/x?fencingToken=1")).Status);
    }

    [Fact]
    public async Task Without_postgres_no_lock_is_taken_or_released()
    {
        await using var own = new Stack();
        await own.InitializeAsync();
        await own.Client.CallAsync(HttpMethod.Put, "/v1/locks/x", new { ttlSeconds = 60 });

        await own.Postgres.KillAsync();
        var taken = await own.Client.CallAsync(HttpMethod.Put, "/v1/locks/x", new { ttlSeconds = 60 });
        var released = await own.Client.CallAsync(HttpMethod.Delete, "/v1/locks/x?fencingToken=1");

        Assert.All([taken, released], answer =>
        {
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "notStored"), (answer.Status, answer.Body.GetProperty("outcome").GetString()));
            Assert.NotNull(answer.Raw.Headers.RetryAfter);
        });
    }

    [Fact]
    public async Task The_only_reconciler_leads_and_says_so()
    {
        using var reconciler = new HttpClient { BaseAddress = stack.ReconcilerAddress };
        JsonElement entry = default;

        await Until.TrueAsync(async () =>
        {
            entry = (await reconciler.ReadAsync("/health", null)).Body.GetProperty("entries").GetProperty("leader");
            return entry.GetProperty("data").TryGetProperty("role", out var role) && role.GetString() == "leading";
        });

        Assert.Equal("Healthy", entry.GetProperty("status").GetString());
        Assert.True(entry.GetProperty("data").GetProperty("epoch").GetInt64() >= 1);
        var metrics = await reconciler.GetStringAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Contains(metrics.Split('\n'), line => line.StartsWith("memory_reconciler_leader{", StringComparison.Ordinal) && !line.Contains("} 0 ", StringComparison.Ordinal));
    }

    private Task<Answer> TakeAsync(string segment, object body, string? key = null) =>
        stack.Client.CallAsync(HttpMethod.Put, $"/v1/locks/{segment}", body, headers: Key(key));

    private Task<Answer> ReleaseAsync(string segment, string query, string? key = null) =>
        stack.Client.CallAsync(HttpMethod.Delete, $"/v1/locks/{segment}{query}", headers: Key(key));

    private static (string Name, string Value)[] Key(string? key) => key is null ? [] : [("Idempotency-Key", key)];

    private static long Token(Answer answer) => answer.Body.GetProperty("fencingToken").GetInt64();

    private static DateTimeOffset Expiry(Answer answer) => answer.Body.GetProperty("expiresAt").GetDateTimeOffset();
}
