using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Postgres.Erasure;
using Npgsql;

namespace MemoryAspire.Api.Tests;

/// <summary>Erasure over real stores and their files.</summary>
public sealed class ErasureTests
{
    private const string Secret = "Zyxomma petiolatum hides in Ada's attic";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_an_erased_memory_no_byte_is_left_in_any_file_but_the_pages_of_PostgreSQL()
    {
        await using var stack = await StartAsync();
        var vectors = new[] { Vector(1), Vector(2) };
        var bystander = await stack.Client.CreateAsync(new { content = "A neighbour stays.", scope = new { user = "eve" }, embedding = Vector(3) });
        var created = await CreateAsync(stack, "eve", Secret, vectors[0]);
        var updated = await stack.Client.CallAsync(
            HttpMethod.Patch, $"/v1/memories/{created.Id()}", new { content = $"{Secret} no more", embedding = vectors[1] }, created.Token);
        await stack.Client.ReadAsync($"/v1/memories/{created.Id()}", updated.Token);
        await Until.TrueAsync(() => Task.FromResult(Holds(stack.IndexDirectory, Bytes(vectors[1])) && Holds(stack.Redis.DataFolder, Encoding.UTF8.GetBytes(Secret))));
        Assert.Contains(Secret, await DumpAsync(stack), StringComparison.Ordinal);

        var erased = await stack.Client.CallAsync(HttpMethod.Delete, $"/v1/memories/{created.Id()}?erase=true");

        Assert.Equal((HttpStatusCode.OK, "completed"), (erased.Status, erased.Body.GetProperty("state").GetString()));
        Assert.Equal((1, 1), (erased.Body.GetProperty("deleted").GetInt32(), erased.Body.GetProperty("erased").GetInt32()));
        var tiers = erased.Body.GetProperty("tiers");
        Assert.Equal((3, 2), (tiers.GetProperty("postgres").GetProperty("eventsRedacted").GetInt32(), tiers.GetProperty("postgres").GetProperty("vectorsRemoved").GetInt32()));
        Assert.Contains("vacuum", erased.Body.GetProperty("remains").GetProperty("command").GetString(), StringComparison.Ordinal);
        Assert.Equal("postgres=applied, redis=applied, index=applied", erased.Header("Memory-Tiers"));

        var dump = await DumpAsync(stack);
        foreach (var text in new[] { Secret, "petiolatum", "attic-key", "hidden-metadata" })
        {
            Assert.DoesNotContain(text, dump, StringComparison.Ordinal);
            Assert.False(Holds(stack.Redis.DataFolder, Encoding.UTF8.GetBytes(text)), $"Redis still has '{text}'.");
        }

        foreach (var vector in vectors)
        {
            Assert.False(Holds(stack.IndexDirectory, Bytes(vector)), "The index still has a vector.");
            Assert.DoesNotContain(Convert.ToHexString(Bytes(vector)), dump, StringComparison.OrdinalIgnoreCase);
        }

        // And nothing else is gone.
        Assert.Equal(HttpStatusCode.OK, (await stack.Client.ReadAsync($"/v1/memories/{bystander.Id()}", null)).Status);
        Assert.Equal(["A neighbour stays."], (await stack.Client.SearchAsync(new { embedding = Vector(3), scope = new { user = "eve" } }, erased.Token)).Contents());
        Assert.True(Holds(stack.IndexDirectory, Bytes(Vector(3))));
    }

    [Fact]
    public async Task History_and_feed_tell_that_it_was_erased_and_nothing_of_what_it_was()
    {
        await using var stack = await StartAsync();
        var created = await CreateAsync(stack, "eve", Secret, Vector(1), ("Idempotency-Key", "first"));
        var path = $"/v1/memories/{created.Id()}";
        await stack.Client.CallAsync(HttpMethod.Delete, path);

        // Deleted before, it still has a past.
        var erased = await stack.Client.CallAsync(HttpMethod.Delete, $"{path}?erase=true", null, null, ("Idempotency-Key", "erase"));
        var again = await stack.Client.CallAsync(HttpMethod.Delete, $"{path}?erase=true", null, null, ("Idempotency-Key", "erase"));
        var receipt = await stack.Client.ReadAsync(erased.Raw.Headers.Location!.ToString(), null);

        Assert.Equal((0, 1), (erased.Body.GetProperty("deleted").GetInt32(), erased.Body.GetProperty("erased").GetInt32()));
        Assert.Equal("true", again.Header("Idempotency-Replayed"));
        Assert.Equal(erased.Body.GetRawText(), again.Body.GetRawText());
        Assert.Equal(erased.Body.GetRawText(), receipt.Body.GetRawText());

        var items = (await stack.Client.ReadAsync($"{path}/history", null)).Body.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(["created", "deleted"], items.Select(item => item.GetProperty("type").GetString()));
        Assert.All(items, item => Assert.True(item.GetProperty("erased").GetBoolean()));
        Assert.Equal(JsonValueKind.Null, items[0].GetProperty("memory").GetProperty("content").ValueKind);
        Assert.Equal(HttpStatusCode.NotFound, (await stack.Client.ReadAsync($"{path}?version=1", null)).Status);
        Assert.Equal(HttpStatusCode.Gone, (await CreateAsync(stack, "eve", Secret, Vector(1), ("Idempotency-Key", "first"))).Status);

        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/changes?after=0&user=eve");
        request.Headers.Add("Accept", "application/x-ndjson");
        using var feed = await stack.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        using var lines = new StreamReader(await feed.Content.ReadAsStreamAsync(Cancellation));
        string line;
        do line = (await lines.ReadLineAsync(Cancellation))!;
        while (line.Length == 0);
        var first = JsonElement.Parse(line);
        Assert.True(first.GetProperty("erased").GetBoolean());
        Assert.Equal(JsonValueKind.Null, first.GetProperty("memory").GetProperty("content").ValueKind);
    }

    [Fact]
    public async Task All_of_a_scope_is_erased_also_what_was_deleted_or_expired_before_and_nobody_elses()
    {
        await using var stack = await StartAsync("Expiry:Interval", "1.00:00:00");
        var kept = await CreateAsync(stack, "other", "Others keep theirs.", Vector(9));
        var gone = await CreateAsync(stack, "eve", Secret, Vector(1));
        await CreateAsync(stack, "eve", Secret, Vector(2));
        await stack.Client.CallAsync(HttpMethod.Delete, $"/v1/memories/{gone.Id()}");
        var brief = await stack.Client.CreateAsync(new { content = Secret, scope = new { user = "eve" }, ttlSeconds = 1 });
        await Until.TrueAsync(async () => (await stack.Client.ReadAsync($"/v1/memories/{brief.Id()}?consistency=strong", null)).Status == HttpStatusCode.NotFound);
        await using (var direct = new DirectWrites(stack)) await direct.CreateAsync("another tenant", "eve", "Another tenant's.");

        var erased = await stack.Client.CallAsync(HttpMethod.Delete, "/v1/memories?user=eve&erase=true");

        Assert.Equal("completed", erased.Body.GetProperty("state").GetString());
        Assert.Equal((2, 3), (erased.Body.GetProperty("deleted").GetInt32(), erased.Body.GetProperty("erased").GetInt32()));
        var dump = await DumpAsync(stack);
        Assert.DoesNotContain(Secret, dump, StringComparison.Ordinal);
        Assert.Contains("Another tenant's.", dump.Replace("''", "'", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await stack.Client.ReadAsync($"/v1/memories/{kept.Id()}", null)).Status);
        Assert.Equal(0, (await stack.Client.CallAsync(HttpMethod.Delete, "/v1/memories?user=eve&erase=true")).Body.GetProperty("erased").GetInt32());
    }

    [Fact]
    public async Task What_cannot_be_reached_is_pending_and_is_erased_when_it_is_back()
    {
        await using var stack = await StartAsync("Erasure:Patience", "00:00:02");
        var created = await CreateAsync(stack, "eve", Secret, Vector(1));
        await Until.TrueAsync(() => Task.FromResult(Holds(stack.IndexDirectory, Bytes(Vector(1)))));
        await stack.StopIndexAsync();
        await stack.Redis.KillAsync();

        var erased = await stack.Client.CallAsync(HttpMethod.Delete, $"/v1/memories/{created.Id()}?erase=true");

        Assert.Equal((HttpStatusCode.Accepted, "pending"), (erased.Status, erased.Body.GetProperty("state").GetString()));
        Assert.Equal(
            ("completed", "pending", "pending"),
            (State(erased, "postgres"), State(erased, "redis"), State(erased, "index")));
        Assert.Equal("postgres=applied, redis=pending, index=pending", erased.Header("Memory-Tiers"));
        Assert.DoesNotContain(Secret, await DumpAsync(stack), StringComparison.Ordinal);

        await stack.Redis.RestartAsync();
        stack.StartIndex();
        await FinishedAsync(stack, erased.Body.GetProperty("id").GetGuid());
        Assert.False(Holds(stack.IndexDirectory, Bytes(Vector(1))));
        Assert.False(Holds(stack.Redis.DataFolder, Encoding.UTF8.GetBytes(Secret)));
    }

    /// <summary>The steps of an erasure; whoever asked for it dies behind that step.</summary>
    public static TheoryData<int> Steps => [1, 2, 3, 4, 5];

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task Whoever_dies_behind_a_step_the_leader_finishes_it(int step)
    {
        await using var stack = await StartAsync();
        await using var source = NpgsqlDataSource.Create(stack.Database);
        var (erasures, memories) = (new Erasures(source), new ErasableMemories(source));
        var created = await CreateAsync(stack, "eve", Secret, Vector(1));
        Assert.True(MemoryId.TryParse(created.Id(), out var id));
        await Until.TrueAsync(() => Task.FromResult(Holds(stack.IndexDirectory, Bytes(Vector(1)))));

        // What the one that died had done. The leader may be at it before the next step: each may be repeated.
        var erasure = await erasures.BeginAsync(Guid.CreateVersion7(), "default", "tester", new ErasureTarget(id, Scope.None, null), Cancellation);
        if (step >= 2) await stack.Client.CallAsync(HttpMethod.Delete, $"/v1/memories/{created.Id()}");
        if (step >= 3) await memories.RedactAsync(erasure, id.Partition, [id], ["embedding:none"], Cancellation);
        if (step >= 4) await erasures.PostgresIsCleanAsync(erasure, Cancellation);
        if (step >= 5) await erasures.RedisIsCleanAsync(erasure, 0, Cancellation);

        var receipt = await FinishedAsync(stack, erasure.Id);

        Assert.Equal(1, receipt.GetProperty("erased").GetInt32());
        Assert.DoesNotContain(Secret, await DumpAsync(stack), StringComparison.Ordinal);
        Assert.False(Holds(stack.IndexDirectory, Bytes(Vector(1))));
        if (step < 5) Assert.False(Holds(stack.Redis.DataFolder, Encoding.UTF8.GetBytes(Secret)));
    }

    [Fact]
    public async Task What_makes_no_sense_together_with_erasure_is_refused()
    {
        await using var stack = await StartAsync();
        var created = await CreateAsync(stack, "eve", Secret, Vector(1));
        var path = $"/v1/memories/{created.Id()}";

        Assert.Equal(["erase"], (await stack.Client.CallAsync(HttpMethod.Delete, $"{path}?erase=yes")).WrongFields);
        Assert.Equal(["require"], (await stack.Client.CallAsync(HttpMethod.Delete, $"{path}?erase=true&require=all")).WrongFields);
        Assert.Equal(["If-Match"], (await stack.Client.CallAsync(HttpMethod.Delete, $"{path}?erase=true", null, null, ("If-Match", "\"1\""))).WrongFields);
        Assert.Equal(["user"], (await stack.Client.CallAsync(HttpMethod.Delete, "/v1/memories?erase=true")).WrongFields);
        Assert.Equal(HttpStatusCode.NotFound, (await stack.Client.CallAsync(HttpMethod.Delete, $"/v1/memories/{Guid.CreateVersion7()}?erase=true")).Status is var missing
            && missing == HttpStatusCode.BadRequest ? HttpStatusCode.NotFound : missing);
        Assert.Equal(HttpStatusCode.NotFound, (await stack.Client.ReadAsync($"/v1/erasures/{Guid.CreateVersion7()}", null)).Status);
        Assert.Equal(HttpStatusCode.OK, (await stack.Client.ReadAsync(path, null)).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await stack.Client.CallAsync(HttpMethod.Delete, $"{path}?erase=false")).Status);
    }

    private static async Task<Stack> StartAsync(params string[] setting)
    {
        var stack = new Stack();
        stack.Settings["Index:SnapshotInterval"] = "00:00:01";
        if (setting is [var name, var value]) stack.Settings[name] = value;
        await stack.InitializeAsync();
        return stack;
    }

    private static Task<Answer> CreateAsync(Stack stack, string user, string content, float[] embedding, params (string, string)[] headers) => stack.Client.CallAsync(
        HttpMethod.Post, "/v1/memories", new { content, scope = new { user }, embedding, metadata = new Dictionary<string, string> { ["attic-key"] = "hidden-metadata" } }, null, headers);

    private static async Task<JsonElement> FinishedAsync(Stack stack, Guid erasure)
    {
        JsonElement receipt = default;
        await Until.TrueAsync(async () =>
        {
            receipt = (await stack.Client.ReadAsync($"/v1/erasures/{erasure}", null)).Body;
            return receipt.GetProperty("state").GetString() == "completed";
        });
        return receipt;
    }

    private static string State(Answer receipt, string tier) => receipt.Body.GetProperty("tiers").GetProperty(tier).GetProperty("state").GetString()!;

    private static async Task<string> DumpAsync(Stack stack)
    {
        var dump = await stack.Postgres.DumpAsync(stack.Database);
        Assert.SkipWhen(dump is null, "There is no pg_dump beside this PostgreSQL.");
        return dump!;
    }

    private static float[] Vector(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, 100).Select(_ => (float)random.NextDouble() - 0.5f)];
    }

    private static byte[] Bytes(float[] vector) => MemoryMarshal.AsBytes<float>(vector.AsSpan(0, 20)).ToArray();

    /// <summary>Whether any file of a directory has these bytes.</summary>
    private static bool Holds(string directory, byte[] bytes)
    {
        foreach (var file in Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith("index.lock", StringComparison.Ordinal)))
        {
            try
            {
                using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                using var content = new MemoryStream();
                stream.CopyTo(content);
                if (content.GetBuffer().AsSpan(0, (int)content.Length).IndexOf(bytes) >= 0) return true;
            }
            catch (IOException) when (!File.Exists(file) || file.EndsWith(".new", StringComparison.Ordinal))
            {
                // Replaced in the meantime, or about to replace another one.
            }
        }

        return false;
    }
}
