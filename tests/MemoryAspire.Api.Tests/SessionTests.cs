using System.Net;
using System.Text.Json;
using MemoryAspire.Redis.Sessions;
using StackExchange.Redis;

namespace MemoryAspire.Api.Tests;

public sealed class SessionTests(Stack stack)
{
    private static readonly object[] Tea =
    [
        new { role = "user", content = "I prefer tea.", at = "2026-03-01T12:00:00Z" },
        new { role = "assistant", content = "Noted: tea.", at = "2026-03-01T12:00:01Z" },
    ];

    public static TheoryData<string, string> WrongPuts => new()
    {
        { """{"ttlSeconds":0}""", "ttlSeconds" },
        { """{"ttlSeconds":-1}""", "ttlSeconds" },
        { """{"ttlSeconds":"60"}""", "ttlSeconds" },
        { """{"ttlSeconds":9000000}""", "ttlSeconds" },
        { """{"maxMessages":0}""", "maxMessages" },
        { """{"maxMessages":1001}""", "maxMessages" },
        { """{"state":[]}""", "state" },
        { """{"state":{"a":"\u0000"}}""", "state" },
        { """{"messages":{}}""", "messages" },
        { """{"messages":[1]}""", "messages[0]" },
        { """{"messages":[{"role":"user"}]}""", "messages[0].content" },
        { """{"messages":[{"content":"x"}]}""", "messages[0].role" },
        { """{"messages":[{"role":"user","content":"x"},{"role":"user","content":7}]}""", "messages[1].content" },
        { """{"messages":[{"role":"user","content":"\ud800"}]}""", "messages[0].content" },
        { """{"messages":[{"role":"user","content":"x","at":"yesterday"}]}""", "messages[0].at" },
        { """{"promoteOnExpiry":true}""", "promoteOnExpiry" },
        { """{"promoteOnExpiry":{"scope":{"user":""}}}""", "promoteOnExpiry.scope.user" },
        { """{"promoteOnExpiry":{"importance":2}}""", "promoteOnExpiry.importance" },
    };

    [Fact]
    public async Task What_was_put_is_read_until_it_is_deleted()
    {
        var put = await PutAsync("life", new { messages = Tea, state = new { step = 1, plan = new[] { "ask" } }, ttlSeconds = 600 });
        var read = await ReadAsync("life");
        var deleted = await stack.Client.CallAsync(HttpMethod.Delete, "/v1/sessions/life");

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.NoContent), (put.Status, read.Status, deleted.Status));
        Assert.Equal(["I prefer tea.", "Noted: tea."], Contents(read));
        Assert.Equal([0, 1], Ids(read));
        Assert.Equal("2026-03-01T12:00:00Z", read.Body.GetProperty("messages")[0].GetProperty("at").GetString());
        Assert.Equal("""{"step":1,"plan":["ask"]}""", read.Body.GetProperty("state").GetRawText());
        Assert.Equal(600, read.Body.GetProperty("ttlSeconds").GetDouble());
        Assert.Equal(put.Raw.Headers.ETag, read.Raw.Headers.ETag);
        Assert.All([put, read, deleted], answer => Assert.NotEqual("", answer.Token));
        var gone = await ReadAsync("life");
        Assert.Equal(HttpStatusCode.NotFound, gone.Status);
        Assert.NotEqual("", gone.Token);
        Assert.Equal(HttpStatusCode.NotFound, (await stack.Client.CallAsync(HttpMethod.Delete, "/v1/sessions/life")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await AppendAsync("life", new { role = "user", content = "Late." })).Status);
    }

    [Fact]
    public async Task Messages_are_appended_and_the_oldest_beyond_the_most_are_dropped()
    {
        await PutAsync("append", new { messages = Tea, maxMessages = 3 });

        var one = await AppendAsync("append", new { role = "user", content = "Third." });
        var more = await AppendAsync("append", new { messages = new[] { new { role = "user", content = "Fourth." }, new { role = "user", content = "Fifth." } } });
        var fewer = await AppendAsync("append", new { role = "user", content = "Sixth.", maxMessages = 2 });
        var minimal = await stack.Client.CallAsync(HttpMethod.Post, "/v1/sessions/append/messages", new { role = "user", content = "Seventh." }, headers: ("Prefer", "return=minimal"));

        Assert.Equal(["I prefer tea.", "Noted: tea.", "Third."], Contents(one));
        Assert.Equal(["Third.", "Fourth.", "Fifth."], Contents(more));
        Assert.Equal([2, 3, 4], Ids(more));
        Assert.Equal(["Fifth.", "Sixth."], Contents(fewer));
        var read = await ReadAsync("append");
        Assert.Equal((HttpStatusCode.NoContent, read.Raw.Headers.ETag), (minimal.Status, minimal.Raw.Headers.ETag));
        Assert.Equal(["Sixth.", "Seventh."], Contents(read));
        Assert.Equal(["newest"], Contents(await PutAsync("append-put", new { maxMessages = 1, messages = new[] { new { role = "user", content = "older" }, new { role = "user", content = "newest" } } })));
    }

    [Fact]
    public async Task Concurrent_appends_are_all_there_once()
    {
        await PutAsync("crowd", new { });

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(at => AppendAsync("crowd", new { role = "user", content = $"{at}" })));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        var read = await ReadAsync("crowd");
        Assert.Equal(Enumerable.Range(0, 50), Contents(read).Select(int.Parse).Order());
        Assert.Equal(Enumerable.Range(0, 50).Select(id => (long)id), Ids(read));
    }

    [Fact]
    public async Task Only_the_version_named_is_changed()
    {
        var first = await PutAsync("versions", new { state = new { n = 1 } });
        var second = await PutAsync("versions", new { state = new { n = 2 } }, first.Raw.Headers.ETag!.Tag);
        var stale = await PutAsync("versions", new { state = new { n = 3 } }, first.Raw.Headers.ETag.Tag);
        var staleAppend = await stack.Client.CallAsync(
            HttpMethod.Post, "/v1/sessions/versions/messages", new { role = "user", content = "x" }, headers: ("If-Match", first.Raw.Headers.ETag.Tag));
        var staleDelete = await stack.Client.CallAsync(HttpMethod.Delete, "/v1/sessions/versions", headers: ("If-Match", first.Raw.Headers.ETag.Tag));
        var absent = await PutAsync("versions-none", new { }, "\"7\"");

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK), (first.Status, second.Status));
        Assert.Equal([HttpStatusCode.PreconditionFailed, HttpStatusCode.PreconditionFailed, HttpStatusCode.PreconditionFailed], [stale.Status, staleAppend.Status, staleDelete.Status]);
        Assert.Equal(HttpStatusCode.NotFound, absent.Status);
        Assert.Equal("""{"n":2}""", (await ReadAsync("versions")).Body.GetProperty("state").GetRawText());
        Assert.Equal(["If-Match"], (await PutAsync("versions", new { }, "seven")).WrongFields);
    }

    [Fact]
    public async Task A_session_lives_its_time_after_its_last_use()
    {
        await PutAsync("ttl", new { ttlSeconds = 600 });
        await PutAsync("ttl-short", new { ttlSeconds = 0.3 });
        await using var redis = await ConnectionMultiplexer.ConnectAsync(stack.Redis.ConnectionString);
        var key = redis.GetServers()[0].Keys(pattern: "session:*:ttl").Single();
        await redis.GetDatabase().KeyExpireAsync(key, TimeSpan.FromSeconds(30));

        await ReadAsync("ttl");

        Assert.InRange((await redis.GetDatabase().KeyTimeToLiveAsync(key))!.Value.TotalSeconds, 500, 600);

        // Reading it would let it live on.
        await Until.TrueAsync(() => Task.FromResult(!redis.GetServers()[0].Keys(pattern: "session:*:ttl-short").Any()));
        Assert.Equal(HttpStatusCode.NotFound, (await ReadAsync("ttl-short")).Status);
    }

    [Theory]
    [MemberData(nameof(WrongPuts))]
    public async Task A_wrong_field_is_400_and_named(string body, string field)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/v1/sessions/wrong") { Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json") };

        var answer = await stack.Client.AnswerAsync(request);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal([field], answer.WrongFields);
    }

    [Fact]
    public async Task Bounds_are_kept()
    {
        await PutAsync("bounds", new { });
        object Message(char of, int length = 32768) => new { role = "user", content = new string(of, length) };

        var longName = await PutAsync(new string('n', 257), new { });
        var longContent = await AppendAsync("bounds", Message('x', 32769));
        var empty = await AppendAsync("bounds", new { messages = Array.Empty<object>() });
        var large = await PutAsync("bounds", new { messages = Enumerable.Repeat(Message('x'), 40) });
        var largeState = await PutAsync("bounds", new { state = new { text = new string('x', 1_100_000) } });
        for (var at = 0; at < 4; at++) await AppendAsync("bounds", new { messages = Enumerable.Repeat(Message((char)('a' + at)), 10) });
        var tooMuch = await AppendAsync("bounds", new { messages = Enumerable.Repeat(Message('z'), 40) });

        Assert.Equal(["session"], longName.WrongFields);
        Assert.Equal(["content"], longContent.WrongFields);
        Assert.All([empty, large, tooMuch], answer => Assert.Equal((HttpStatusCode.BadRequest, "messages"), (answer.Status, answer.WrongFields.Single())));
        Assert.Equal(["state"], largeState.WrongFields);
        var read = await ReadAsync("bounds");
        Assert.Equal(31, Contents(read).Count);
        Assert.Equal(('a', 'd'), (Contents(read)[0][0], Contents(read)[^1][0]));
    }

    [Theory]
    [InlineData("with space", "with%20space")]
    [InlineData("a/b", "a%2Fb")]
    [InlineData("{0}:tea 🫖", "%7B0%7D%3Atea%20%F0%9F%AB%96")]
    public async Task A_name_is_any_text(string name, string segment)
    {
        Assert.Equal(name, (await PutAsync(segment, new { })).Body.GetProperty("session").GetString());
        Assert.Equal(HttpStatusCode.OK, (await ReadAsync(segment)).Status);
    }

    [Fact]
    public async Task Another_tenants_session_is_not_there_and_a_stranger_has_none()
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(stack.Redis.ConnectionString);
        var store = new SessionStore(redis, TimeProvider.System);
        var theirs = new SessionName("other", "shared");
        await store.PutAsync(theirs, new SessionDraft([], JsonElement.Parse("""{"secret":1}"""), TimeSpan.FromMinutes(1), 10, null, TimeSpan.Zero), null);
        using var stranger = stack.NewClient();

        Assert.Equal(HttpStatusCode.NotFound, (await ReadAsync("shared")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await AppendAsync("shared", new { role = "user", content = "x" })).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await stack.Client.CallAsync(HttpMethod.Delete, "/v1/sessions/shared")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await PromoteAsync("shared", new { })).Status);
        Assert.Equal(HttpStatusCode.Created, (await PutAsync("shared", new { state = new { mine = 1 } })).Status);
        Assert.Equal("""{"secret":1}""", ((SessionOutcome.Done)await store.GetAsync(theirs)).Session!.State.GetRawText());
        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.ReadAsync("/v1/sessions/shared", null)).Status);
    }

    [Fact]
    public async Task Damaged_bytes_are_not_served()
    {
        await PutAsync("damaged", new { messages = Tea });
        await using var redis = await ConnectionMultiplexer.ConnectAsync(stack.Redis.ConnectionString);
        var key = redis.GetServers()[0].Keys(pattern: "session:*:damaged").Single();
        var message = (byte[])(await redis.GetDatabase().HashGetAsync(key, "0"))!;
        message[^3] ^= 1;
        await redis.GetDatabase().HashSetAsync(key, "0", message);

        Assert.Equal(HttpStatusCode.NotFound, (await ReadAsync("damaged")).Status);
        Assert.Equal(HttpStatusCode.Created, (await PutAsync("damaged-other", new { })).Status);
    }

    [Fact]
    public async Task Chosen_messages_become_memories_of_the_session()
    {
        var put = await PutAsync("promote", new { messages = Tea });

        var promoted = await PromoteAsync("promote", new { messages = new[] { 0 }, scope = new { user = "promoter", agent = "concierge" }, kind = "semantic", importance = 0.9, metadata = new { topic = "drinks" } });

        Assert.Equal((HttpStatusCode.OK, "postgres=applied, redis=applied, index=applied"), (promoted.Status, promoted.Header("Memory-Tiers")));
        var result = Assert.Single(promoted.Body.GetProperty("results").EnumerateArray());
        Assert.Equal((0, 201), (result.GetProperty("message").GetInt32(), result.GetProperty("status").GetInt32()));
        var list = await stack.Client.ReadAsync("/v1/memories?session=promote", promoted.Token);
        var memory = Assert.Single(list.Body.GetProperty("items").EnumerateArray());
        Assert.Equal(result.GetProperty("memory").GetRawText(), memory.GetRawText());
        Assert.Equal("I prefer tea.", memory.GetProperty("content").GetString());
        Assert.Equal("""{"user":"promoter","agent":"concierge","session":"promote"}""", memory.GetProperty("scope").GetRawText());
        Assert.Equal("""{"at":"2026-03-01T12:00:00Z","message":0,"role":"user","topic":"drinks"}""", memory.GetProperty("metadata").GetRawText());
        Assert.Equal(("semantic", 0.9), (memory.GetProperty("kind").GetString(), memory.GetProperty("importance").GetDouble()));
        Assert.Equal(put.Raw.Headers.ETag, (await ReadAsync("promote")).Raw.Headers.ETag);
    }

    [Fact]
    public async Task Promoted_again_a_message_is_the_same_memory()
    {
        await PutAsync("twice", new { messages = Tea });

        var first = await PromoteAsync("twice", new { messages = new[] { 0 } });
        var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => PromoteAsync("twice", new { })));
        await PutAsync("twice", new { messages = Tea, state = new { turn = 2 } });
        var afterPut = await PromoteAsync("twice", new { });
        var id = Results(first)[0].GetProperty("memory").GetProperty("id").GetString();
        await stack.Client.CallAsync(HttpMethod.Delete, $"/v1/memories/{id}");
        var afterDelete = await PromoteAsync("twice", new { });

        Assert.All([.. all, afterPut], answer => Assert.Equal(id, Results(answer)[0].GetProperty("memory").GetProperty("id").GetString()));
        Assert.Single(all, answer => Results(answer)[1].GetProperty("status").GetInt32() == 201);
        Assert.Equal([200, 200], Results(afterPut).Select(result => result.GetProperty("status").GetInt32()));
        Assert.Equal([410, 200], Results(afterDelete).Select(result => result.GetProperty("status").GetInt32()));
        Assert.Single((await stack.Client.ReadAsync("/v1/memories?session=twice", afterDelete.Token)).Body.GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task A_promotion_repeated_with_its_key_is_answered_the_same_also_when_the_session_is_gone()
    {
        await PutAsync("keyed", new { messages = Tea, maxMessages = 2 });
        await AppendAsync("keyed", new { role = "user", content = "Third.", at = "2026-03-01T12:00:02Z" });

        var first = await PromoteAsync("keyed", new { }, "promote-1");
        await AppendAsync("keyed", new { role = "user", content = "Fourth." });
        var again = await PromoteAsync("keyed", new { }, "promote-1");
        var other = await PromoteAsync("keyed", new { kind = "semantic" }, "promote-1");
        await stack.Client.CallAsync(HttpMethod.Delete, "/v1/sessions/keyed");
        var gone = await PromoteAsync("keyed", new { }, "promote-1");
        var goneOther = await PromoteAsync("keyed", new { kind = "semantic" }, "promote-1");

        Assert.Equal([1L, 2L], Results(first).Select(result => result.GetProperty("message").GetInt64()));
        Assert.All([again, gone], answer =>
        {
            Assert.Equal((HttpStatusCode.OK, "true"), (answer.Status, answer.Header("Idempotency-Replayed")));
            Assert.Equal(first.Body.GetProperty("results").GetRawText(), answer.Body.GetProperty("results").GetRawText());
        });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.Status);
        Assert.Equal(HttpStatusCode.NotFound, goneOther.Status);
    }

    [Theory]
    [InlineData("""{"messages":[]}""", "messages")]
    [InlineData("""{"messages":["0"]}""", "messages[0]")]
    [InlineData("""{"messages":[0,0]}""", "messages[1]")]
    [InlineData("""{"messages":[1,9]}""", "messages[1]")]
    [InlineData("""{"scope":{"session":"other"}}""", "scope.session")]
    [InlineData("""{"kind":"vague"}""", "kind")]
    [InlineData("""{"metadata":7}""", "metadata")]
    [InlineData("""{"require":"some"}""", "require")]
    public async Task A_wrong_promotion_is_400_and_names_the_field(string body, string field)
    {
        await PutAsync("wrong-promotion", new { messages = Tea });

        var answer = await stack.Client.PostTextAsync("/v1/sessions/wrong-promotion/promote", body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal([field], answer.WrongFields);
        Assert.Empty((await stack.Client.ReadAsync("/v1/memories?session=wrong-promotion", null)).Body.GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task An_empty_session_has_nothing_to_promote()
    {
        await PutAsync("empty", new { });

        Assert.Equal(["messages"], (await PromoteAsync("empty", new { })).WrongFields);
    }

    private Task<Answer> PutAsync(string segment, object body, string? ifMatch = null) =>
        stack.Client.CallAsync(HttpMethod.Put, $"/v1/sessions/{segment}", body, headers: ifMatch is null ? [] : [("If-Match", ifMatch)]);

    private Task<Answer> ReadAsync(string segment) => stack.Client.ReadAsync($"/v1/sessions/{segment}", null);

    private Task<Answer> AppendAsync(string segment, object body) => stack.Client.CallAsync(HttpMethod.Post, $"/v1/sessions/{segment}/messages", body);

    private Task<Answer> PromoteAsync(string segment, object body, string? key = null) =>
        stack.Client.CallAsync(HttpMethod.Post, $"/v1/sessions/{segment}/promote", body, headers: key is null ? [] : [("Idempotency-Key", key)]);

    private static List<string> Contents(Answer answer) =>
        [.. answer.Body.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("content").GetString()!)];

    private static List<long> Ids(Answer answer) => [.. answer.Body.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("id").GetInt64())];

    private static List<JsonElement> Results(Answer answer) => [.. answer.Body.GetProperty("results").EnumerateArray()];
}
