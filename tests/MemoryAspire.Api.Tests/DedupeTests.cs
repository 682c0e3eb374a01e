using System.Net;

namespace MemoryAspire.Api.Tests;

public sealed class DedupeTests(Stack stack)
{
    [Fact]
    public async Task Equal_creates_in_two_processes_at_once_make_one_memory()
    {
        await using var second = await stack.StartApiAsync();
        using var other = new HttpClient { BaseAddress = second.ClientOptions.BaseAddress };
        other.DefaultRequestHeaders.Authorization = stack.Client.DefaultRequestHeaders.Authorization;
        var memory = new { content = "Ada prefers tea.", scope = new { user = "dedupe-race" }, dedupe = "exact" };

        var answers = await Task.WhenAll(Enumerable.Range(0, 32).Select(at => (at % 2 == 0 ? stack.Client : other).CreateAsync(memory)));

        Assert.Equal(1, answers.Count(answer => answer.Status == HttpStatusCode.Created));
        Assert.Equal(31, answers.Count(answer => answer.Status == HttpStatusCode.OK));
        var id = Assert.Single(answers.Select(answer => answer.Id()).Distinct());
        var list = await stack.Client.ReadAsync("/v1/memories?user=dedupe-race", null);
        Assert.Equal(id, Assert.Single(list.Body.GetProperty("items").EnumerateArray()).GetProperty("id").GetString());
    }

    [Fact]
    public async Task The_answer_is_the_memory_that_was_there()
    {
        var made = await stack.Client.CreateAsync(new { content = "Ada has a cat.", scope = new { user = "dedupe" }, metadata = new { a = 1 } });
        var found = await stack.Client.CreateAsync(new { content = "Ada has a cat.", scope = new { user = "dedupe" }, metadata = new { b = 2 }, dedupe = "exact" });
        var off = await stack.Client.CreateAsync(new { content = "Ada has a cat.", scope = new { user = "dedupe" }, dedupe = "off" });

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.Created), (made.Status, found.Status, off.Status));
        Assert.Equal(made.Body.GetProperty("memory").GetRawText(), found.Body.GetProperty("memory").GetRawText());
        Assert.Equal((made.Raw.Headers.ETag, made.Token, "postgres=applied, redis=applied, index=applied"), (found.Raw.Headers.ETag, found.Token, found.Header("Memory-Tiers")));
    }

    [Fact]
    public async Task A_similar_memory_is_found_and_another_is_not()
    {
        var scope = new { user = "similar" };
        var made = await stack.Client.CreateAsync(new { content = "Ada likes green tea with lemon.", scope });

        var similar = await stack.Client.CreateAsync(new { content = "Ada likes green tea with lemon!", scope, dedupe = "similar" });
        var different = await stack.Client.CreateAsync(new { content = "The train to Vienna leaves at noon.", scope, dedupe = "similar" });
        var elsewhere = await stack.Client.CreateAsync(new { content = "Ada likes green tea with lemon!", scope = new { user = "similar-else" }, dedupe = "similar" });

        Assert.Equal((HttpStatusCode.OK, made.Id()), (similar.Status, similar.Id()));
        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Created), (different.Status, elsewhere.Status));
    }

    [Fact]
    public async Task A_batch_tells_for_each_item_whether_it_was_there()
    {
        object[] memories = [new { content = "One.", dedupe = "exact", scope = new { user = "dedupe-batch" } }, new { content = "Two.", dedupe = "exact", scope = new { user = "dedupe-batch" } },
            new { content = "One.", dedupe = "exact", scope = new { user = "dedupe-batch" } }];

        var each = await stack.Client.CallAsync(HttpMethod.Post, "/v1/memories/batch", new { memories });
        var together = await stack.Client.CallAsync(HttpMethod.Post, "/v1/memories/batch", new { memories, atomic = true });
        var transaction = await stack.Client.CallAsync(HttpMethod.Post, "/v1/transactions", new
        {
            operations = new object[] { new { op = "create", content = "One.", dedupe = "exact", scope = new { user = "dedupe-batch" } }, new { op = "create", content = "Three.", scope = new { user = "dedupe-batch" } } },
        });

        Assert.Equal([200, 201, 201], Items(each, "items").Select(item => item.GetProperty("status").GetInt32()).Order());
        Assert.Equal([200, 200, 200], Items(together, "items").Select(item => item.GetProperty("status").GetInt32()));
        Assert.Equal(["One.", "Two.", "One."], Items(together, "items").Select(item => item.GetProperty("memory").GetProperty("content").GetString()!));
        Assert.Equal(["One.", "Three."], Items(transaction, "results").Select(item => item.GetProperty("memory").GetProperty("content").GetString()!));
        Assert.Equal(3, Items(await stack.Client.ReadAsync("/v1/memories?user=dedupe-batch", null), "items").Count);
    }

    [Fact]
    public async Task A_repeated_request_is_answered_as_before()
    {
        var memory = new { content = "Told twice.", scope = new { user = "dedupe-key" }, dedupe = "exact" };
        await stack.Client.CreateAsync(memory);

        var first = await stack.Client.CallAsync(HttpMethod.Post, "/v1/memories", memory, headers: ("Idempotency-Key", "dedupe-key-1"));
        await stack.Client.CallAsync(HttpMethod.Delete, $"/v1/memories/{first.Id()}");
        var again = await stack.Client.CallAsync(HttpMethod.Post, "/v1/memories", memory, headers: ("Idempotency-Key", "dedupe-key-1"));
        var anew = await stack.Client.CreateAsync(memory);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, "true"), (first.Status, again.Status, again.Header("Idempotency-Replayed")));
        Assert.Equal(first.Body.GetProperty("memory").GetRawText(), again.Body.GetProperty("memory").GetRawText());
        Assert.Equal(HttpStatusCode.Created, anew.Status);
        Assert.NotEqual(first.Id(), anew.Id());
    }

    private static List<System.Text.Json.JsonElement> Items(Answer answer, string name) => [.. answer.Body.GetProperty(name).EnumerateArray()];
}
