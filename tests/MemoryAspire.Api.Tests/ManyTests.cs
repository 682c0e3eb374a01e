using System.Net;
using System.Text.Json;
using Npgsql;

namespace MemoryAspire.Api.Tests;

/// <summary>Batches, transactions and bulk deletion.</summary>
public sealed class ManyTests(Stack stack)
{
    [Fact]
    public async Task A_batch_answers_each_memory_in_the_order_sent()
    {
        var answer = await BatchAsync(new object[]
        {
            new { content = "first", scope = new { user = "many-ada" } },
            new { content = "" },
            new { content = "third", scope = new { user = "many-bob" } },
            17,
        });

        Assert.Equal(HttpStatusCode.MultiStatus, answer.Status);
        Assert.Equal("postgres=applied, redis=applied, index=applied", answer.Header("Memory-Tiers"));
        var items = Items(answer);
        Assert.Equal([201, 400, 201, 400], items.Select(item => item.GetProperty("status").GetInt32()));
        Assert.Equal("third", items[2].GetProperty("memory").GetProperty("content").GetString());
        Assert.Equal("applied", items[2].GetProperty("tiers").GetProperty("index").GetString());
        Assert.True(items[1].GetProperty("problem").GetProperty("errors").TryGetProperty("content", out _));
        var id = items[2].GetProperty("memory").GetProperty("id").GetString();
        Assert.Equal(HttpStatusCode.OK, (await stack.Client.ReadAsync($"/v1/memories/{id}", answer.Token)).Status);
    }

    [Fact]
    public async Task An_atomic_batch_stores_all_or_nothing()
    {
        var scope = new { user = "many-cyd" };
        var refused = await BatchAsync(new object[] { new { content = "never", scope }, new { content = "", scope } }, atomic: true);
        var stored = await BatchAsync(new object[] { new { content = "one", scope }, new { content = "two", scope } }, atomic: true);

        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        Assert.Equal(["memories[1].content"], refused.WrongFields);
        Assert.Equal([201, 201], Items(stored).Select(item => item.GetProperty("status").GetInt32()));
        Assert.Equal(2, (await ListAsync("many-cyd", stored.Token)).Count);
    }

    [Fact]
    public async Task A_repeated_batch_stores_nothing_twice_and_goes_on_where_it_failed()
    {
        var memories = Enumerable.Range(0, 5).Select(at => (object)new { content = $"memory {at}", scope = new { user = "many-dan" } }).ToArray();

        var first = await BatchAsync(memories, key: "many-dan-1");
        var again = await BatchAsync(memories, key: "many-dan-1");
        var other = await BatchAsync(memories[..4], key: "many-dan-1");

        Assert.Equal("true", again.Header("Idempotency-Replayed"));
        Assert.Equal(Ids(first), Ids(again));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.Status);
        Assert.Equal(5, (await ListAsync("many-dan", again.Token)).Count);
    }

    [Theory]
    [InlineData("""{"memories":[]}""", "memories")]
    [InlineData("{}", "memories")]
    [InlineData("""{"memories":[{"content":"x"}],"atomic":1}""", "atomic")]
    public async Task A_wrong_batch_is_400_and_names_the_field(string json, string field)
    {
        var refused = await stack.Client.PostTextAsync("/v1/memories/batch", json);

        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        Assert.Equal([field], refused.WrongFields);
    }

    [Fact]
    public async Task A_transaction_changes_several_users_memories_together()
    {
        var changed = await stack.Client.CreateAsync(new { content = "old", scope = new { user = "many-eve" } });
        var deleted = await stack.Client.CreateAsync(new { content = "going", scope = new { user = "many-fay" } });

        var answer = await TransactAsync(
            new { op = "create", content = "new", scope = new { user = "many-gus" } },
            new { op = "update", id = changed.Id(), ifMatch = 1, content = "changed" },
            new { op = "delete", id = deleted.Id(), ifMatch = 1 });

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("postgres=applied, redis=applied, index=applied", answer.Header("Memory-Tiers"));
        var results = answer.Body.GetProperty("results").EnumerateArray().ToList();
        Assert.Equal("new", results[0].GetProperty("memory").GetProperty("content").GetString());
        Assert.Equal(2, results[1].GetProperty("memory").GetProperty("version").GetInt32());
        Assert.Equal(JsonValueKind.Null, results[2].GetProperty("memory").ValueKind);
        Assert.Equal(HttpStatusCode.NotFound, (await stack.Client.ReadAsync($"/v1/memories/{deleted.Id()}", answer.Token)).Status);

        // Whoever meets one part of it has seen all of it.
        var part = await stack.Client.ReadAsync($"/v1/memories/{changed.Id()}", null);
        Assert.Equal(answer.Token, part.Token);
    }

    [Fact]
    public async Task A_transaction_that_fails_in_one_operation_changes_nothing_and_names_it()
    {
        var known = await stack.Client.CreateAsync(new { content = "old", scope = new { user = "many-hal" } });

        var stale = await TransactAsync(
            new { op = "create", content = "never", scope = new { user = "many-hal" } },
            new { op = "update", id = known.Id(), ifMatch = 7, content = "never" });
        var missing = await TransactAsync(
            new { op = "update", id = known.Id(), content = "never" },
            new { op = "delete", id = "01980000-0000-7000-8000-000000000000" });
        var wrong = await TransactAsync(new { op = "update", id = known.Id(), content = "" }, new { op = "paint" });

        Assert.Equal((HttpStatusCode.PreconditionFailed, 1), (stale.Status, stale.Body.GetProperty("operation").GetInt32()));
        Assert.Equal("old", stale.Body.GetProperty("current").GetProperty("content").GetString());
        Assert.Equal((HttpStatusCode.Conflict, 1), (missing.Status, missing.Body.GetProperty("operation").GetInt32()));
        Assert.Equal(["operations[0].content", "operations[1].op"], wrong.WrongFields);
        Assert.Equal(["old"], await ListAsync("many-hal", null));
    }

    [Fact]
    public async Task A_scope_is_deleted_whole_and_no_other()
    {
        await BatchAsync([.. Enumerable.Range(0, 700).Select(at => (object)new { content = $"memory {at}", scope = new { user = "many-ida", session = $"s{at % 2}" } })]);
        await stack.Client.CreateAsync(new { content = "stays", scope = new { user = "many-joe" } });

        var refused = await stack.Client.CallAsync(HttpMethod.Delete, "/v1/memories");
        var half = await stack.Client.CallAsync(HttpMethod.Delete, "/v1/memories?user=many-ida&session=s1");
        (string, string)[] key = [("Idempotency-Key", "many-ida-1")];
        var rest = await stack.Client.CallAsync(HttpMethod.Delete, "/v1/memories?user=many-ida", headers: key);
        await stack.Client.CreateAsync(new { content = "came later", scope = new { user = "many-ida" } });
        var again = await stack.Client.CallAsync(HttpMethod.Delete, "/v1/memories?user=many-ida", headers: key);

        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        Assert.Equal("""{"deleted":350}""", half.Body.GetRawText());
        Assert.Equal("""{"deleted":350}""", rest.Body.GetRawText());
        Assert.Equal(("true", """{"deleted":350}"""), (again.Header("Idempotency-Replayed"), again.Body.GetRawText()));
        Assert.Equal(["came later"], await ListAsync("many-ida", again.Token));
        Assert.Empty((await stack.Client.SearchAsync(new { query = "memory 7", scope = new { user = "many-ida" }, minScore = 0.9 }, rest.Token)).Contents());
        Assert.Equal(["stays"], await ListAsync("many-joe", null));
    }

    [Fact]
    public async Task A_deletion_whose_process_died_before_its_answer_was_kept_is_counted_whole_and_takes_nothing_that_came_later()
    {
        await BatchAsync([.. Enumerable.Range(0, 700).Select(at => (object)new { content = $"memory {at}", scope = new { user = "many-kim" } })]);
        (string, string)[] key = [("Idempotency-Key", "many-kim-1")];
        await stack.Client.CallAsync(HttpMethod.Delete, "/v1/memories?user=many-kim", headers: key);

        // What a crash right before the end leaves: the parts are committed, and the key holds when the work began.
        var began = DateTimeOffset.UtcNow;
        await using var source = NpgsqlDataSource.Create(stack.Database);
        await using (var command = source.CreateCommand(
            "update idempotency_keys set answer = jsonb_build_object('done', false, 'answer', $1::text) where key = 'many-kim-1'"))
        {
            command.Parameters.Add(new() { Value = began.ToString("O") });
            Assert.Equal(1, await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));
        }

        await stack.Client.CreateAsync(new { content = "came later", scope = new { user = "many-kim" } });
        var resumed = await stack.Client.CallAsync(HttpMethod.Delete, "/v1/memories?user=many-kim", headers: key);
        var again = await stack.Client.CallAsync(HttpMethod.Delete, "/v1/memories?user=many-kim", headers: key);

        Assert.Equal((HttpStatusCode.OK, """{"deleted":700}"""), (resumed.Status, resumed.Body.GetRawText()));
        Assert.Equal(("true", """{"deleted":700}"""), (again.Header("Idempotency-Replayed"), again.Body.GetRawText()));
        Assert.Equal(["came later"], await ListAsync("many-kim", resumed.Token));
    }

    [Fact]
    public async Task A_deletion_whose_process_died_half_way_goes_on_and_counts_what_it_had_done()
    {
        await BatchAsync([.. Enumerable.Range(0, 700).Select(at => (object)new { content = $"memory {at}", scope = new { user = "many-lee" } })]);
        (string, string)[] key = [("Idempotency-Key", "many-lee-1")];
        await stack.Client.CallAsync(HttpMethod.Delete, "/v1/memories?user=many-lee", headers: key);

        // The second part was not reached: its key is not there, and 50 memories are.
        await BatchAsync([.. Enumerable.Range(0, 50).Select(at => (object)new { content = $"left {at}", scope = new { user = "many-lee" } })]);
        await using var source = NpgsqlDataSource.Create(stack.Database);
        await using (var command = source.CreateCommand(
            "with part as (delete from idempotency_keys where key = 'many-lee-1' || chr(31) || '1')"
            + " update idempotency_keys set answer = jsonb_build_object('done', false, 'answer', $1::text) where key = 'many-lee-1'"))
        {
            command.Parameters.Add(new() { Value = DateTimeOffset.UtcNow.AddMinutes(1).ToString("O") });
            Assert.Equal(1, await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));
        }

        var resumed = await stack.Client.CallAsync(HttpMethod.Delete, "/v1/memories?user=many-lee", headers: key);

        Assert.Equal((HttpStatusCode.OK, """{"deleted":550}"""), (resumed.Status, resumed.Body.GetRawText()));
        Assert.Empty(await ListAsync("many-lee", resumed.Token));
    }

    private Task<Answer> BatchAsync(object[] memories, bool atomic = false, string? key = null) => stack.Client.CallAsync(
        HttpMethod.Post, "/v1/memories/batch", new { memories, atomic }, headers: key is null ? [] : [("Idempotency-Key", key)]);

    private Task<Answer> TransactAsync(params object[] operations) => stack.Client.CallAsync(HttpMethod.Post, "/v1/transactions", new { operations });

    private async Task<IReadOnlyList<string>> ListAsync(string user, string? token) =>
        [.. (await stack.Client.ReadAsync($"/v1/memories?user={user}&limit=1000", token)).Body.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("content").GetString()!)];

    private static List<JsonElement> Items(Answer answer) => [.. answer.Body.GetProperty("items").EnumerateArray()];

    private static List<string> Ids(Answer answer) => [.. Items(answer).Select(item => item.GetProperty("memory").GetProperty("id").GetString()!)];
}
