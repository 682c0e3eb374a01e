using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Postgres.Writes;
using Microsoft.AspNetCore.Mvc.Testing;

namespace MemoryAspire.Api.Tests;

public sealed class ChangesTests(Stack stack)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_event_arrives_as_the_history_tells_it()
    {
        await using var reader = await FeedReader.OpenAsync(stack.Client);
        var created = await stack.Client.CreateAsync(new { content = "Line\nbreak, \u2028 and \"quotes\".", scope = new { user = "feed-ada" } });
        await stack.Client.CallAsync(HttpMethod.Delete, $"/v1/memories/{created.Id()}");

        var events = await reader.TakeAsync(2);

        var history = (await stack.Client.ReadAsync($"/v1/memories/{created.Id()}/history", null)).Body.GetProperty("items").EnumerateArray();
        Assert.Equal(["created", "deleted"], events.Select(@event => @event.Type));
        Assert.Equal(history.Select(item => item.GetRawText()), events.Select(@event => @event.Data.GetRawText()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("user=feed-bob")]
    public async Task Resuming_after_any_event_gives_exactly_the_rest(string scope)
    {
        string start;
        await using (var now = await FeedReader.OpenAsync(stack.Client, $"?{scope}")) start = now.Token;
        await using var direct = new DirectWrites(stack);
        for (var at = 0; at < 4; at++)
        {
            var created = await direct.CreateAsync("default", "feed-bob", $"{at} a", $"{at} b");
            if (scope.Length == 0) await direct.CreateAsync("default", $"feed-user-{at}", $"{at} c");
            await direct.CreateAsync("other", "feed-bob", "not seen");
            await direct.WriteAsync("default", new WriteOperation.Delete(created[0].MemoryId));
        }

        var count = scope.Length == 0 ? 16 : 12;
        await using var first = await FeedReader.OpenAsync(stack.Client, $"?{scope}&after={start}");
        var all = await first.TakeAsync(count);
        Assert.Equal(count, all.Select(@event => @event.Key).Distinct().Count());
        Assert.Equal(count, all.Select(@event => @event.Id).Distinct().Count());
        for (var at = 0; at < count; at++)
        {
            var rest = all.Skip(at + 1).Select(@event => @event.Data.GetRawText());
            await using var byQuery = await FeedReader.OpenAsync(stack.Client, $"?{scope}&after={all[at].Id}");
            await using var byHeader = await FeedReader.OpenAsync(stack.Client, $"?{scope}&after={start}", all[at].Id);

            Assert.Equal(rest, (await byQuery.TakeAsync(count - at - 1)).Select(@event => @event.Data.GetRawText()));
            Assert.Equal(rest, (await byHeader.TakeAsync(count - at - 1)).Select(@event => @event.Data.GetRawText()));
        }
    }

    [Fact]
    public async Task A_reader_that_had_no_event_yet_resumes_where_it_began()
    {
        string token, lastId;
        await using (var reader = await FeedReader.OpenAsync(stack.Client))
        {
            token = reader.Token;
            var waiting = reader.NextAsync();
            await Until.TrueAsync(() => Task.FromResult(reader.LastId.Length > 0));
            lastId = reader.LastId;
            Assert.False(waiting.IsCompleted);
        }

        var missed = await stack.Client.CreateAsync(new { content = "Missed.", scope = new { user = "feed-cyd" } });

        Assert.Equal(token, lastId);
        await using var resumed = await FeedReader.OpenAsync(stack.Client, lastId: lastId);
        Assert.Equal(missed.Id(), (await resumed.NextAsync()).Key.Memory);
    }

    [Fact]
    public async Task With_writers_on_two_processes_and_readers_that_come_and_go_nothing_is_missed_or_repeated()
    {
        await using var other = await stack.StartApiAsync();
        using var second = ClientOf(other);
        HttpClient[] clients = [stack.Client, second];
        string start;
        await using (var now = await FeedReader.OpenAsync(stack.Client)) start = now.Token;
        var written = new ConcurrentBag<(string, long)>();
        const int Total = 4 * 60;
        var writing = Enumerable.Range(0, 4).Select(number => Task.Run(
            async () =>
            {
                for (var at = 0; at < 50; at++)
                {
                    var client = clients[(number + at) % 2];
                    var created = await client.CreateAsync(new { content = $"{number}.{at}", scope = new { user = $"feed-writer-{at % 7}" } });
                    written.Add((created.Id(), 1));
                    if (at % 5 > 0) continue;
                    await client.CallAsync(HttpMethod.Delete, $"/v1/memories/{created.Id()}");
                    written.Add((created.Id(), 2));
                }
            },
            Cancellation)).ToList();

        var reading = Enumerable.Range(1, 3).Select(seed => ReadWithBreaksAsync(clients, start, Total, new Random(seed))).ToList();
        await Task.WhenAll(writing);
        foreach (var events in await Task.WhenAll(reading))
        {
            Assert.Equal(written.Order(), events.Select(@event => @event.Key).Order());
            foreach (var partition in events.GroupBy(@event => Partition.Of("default", @event.Data.GetProperty("scope").GetProperty("user").GetString()!)))
            {
                var positions = partition.Select(@event => @event.Data.GetProperty("position").GetInt64()).ToList();
                Assert.Equal(positions.Order(), positions);
            }
        }
    }

    [Fact]
    public async Task The_events_of_a_transaction_stay_together_within_a_partition()
    {
        await using var direct = new DirectWrites(stack);
        string start;
        await using (var now = await FeedReader.OpenAsync(stack.Client)) start = now.Token;

        // More than one batch, in several partitions, written in turns.
        foreach (var at in Enumerable.Range(0, 6)) await direct.CreateAsync("default", $"feed-whole-{at % 3}", [.. Enumerable.Range(0, 70).Select(number => $"{at}.{number}")]);
        await using var reader = await FeedReader.OpenAsync(stack.Client, $"?after={start}");
        var transactions = (await reader.TakeAsync(420)).Select(@event => @event.Data.GetProperty("transactionId").GetGuid()).ToList();

        var changes = transactions.Zip(transactions.Skip(1)).Count(pair => pair.First != pair.Second);
        Assert.Equal(5, changes);
    }

    [Fact]
    public async Task A_filter_lets_only_its_scope_and_kind_through()
    {
        await using var mine = await FeedReader.OpenAsync(stack.Client, "?user=feed-dan&agent=chef&session=s1&kind=semantic");
        await using var agents = await FeedReader.OpenAsync(stack.Client, "?agent=chef");
        foreach (var (user, agent, session, kind) in new[]
        {
            ("feed-dan", "maid", "s1", "semantic"), ("feed-eve", "chef", "s1", "semantic"), ("feed-dan", "chef", "s2", "semantic"),
            ("feed-dan", "chef", "s1", "episodic"), ("feed-dan", "chef", "s1", "semantic"),
        })
        {
            await stack.Client.CreateAsync(new { content = $"{user} {agent} {session} {kind}", kind, scope = new { user, agent, session } });
        }

        Assert.Equal("feed-dan chef s1 semantic", (await mine.NextAsync()).Content);
        Assert.Equal(4, (await agents.TakeAsync(4)).Count(@event => @event.Content!.Contains("chef", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Another_tenants_events_never_appear_however_many_there_are()
    {
        await using var direct = new DirectWrites(stack);
        await using var reader = await FeedReader.OpenAsync(stack.Client);
        var first = reader.NextAsync();
        await direct.CreateAsync("other", "feed-fay", [.. Enumerable.Range(0, 700).Select(at => $"secret {at}")]);
        await direct.CreateAsync("default", "feed-fay", "mine");
        await direct.CreateAsync("other", "feed-fay", "secret");
        await direct.CreateAsync("default", "feed-fay", "mine, too");

        Assert.Equal("mine", (await first).Content);
        Assert.Equal("mine, too", (await reader.NextAsync()).Content);
        await using var beginning = await FeedReader.OpenAsync(stack.Client, "?after=0&user=feed-fay");
        Assert.Equal(["mine", "mine, too"], (await beginning.TakeAsync(2)).Select(@event => @event.Content));
    }

    [Fact]
    public async Task A_crowd_of_events_behind_a_desert_of_others_arrives_whole()
    {
        await using var direct = new DirectWrites(stack);
        string start;
        await using (var now = await FeedReader.OpenAsync(stack.Client)) start = now.Token;
        await direct.CreateAsync("other", "feed-jay", [.. Enumerable.Range(0, 700).Select(at => $"desert {at}")]);
        await direct.CreateAsync("default", "feed-jay", [.. Enumerable.Range(0, 350).Select(at => $"{at}")]);
        await direct.CreateAsync("default", "feed-kim", "350");

        foreach (var scope in new[] { "", "user=feed-jay" })
        {
            await using var reader = await FeedReader.OpenAsync(stack.Client, $"?{scope}&after={start}");
            var count = scope.Length == 0 ? 351 : 350;
            var contents = (await reader.TakeAsync(count)).Select(@event => int.Parse(@event.Content!, System.Globalization.CultureInfo.InvariantCulture)).ToList();
            Assert.Equal(Enumerable.Range(0, count), contents.Order());
            Assert.Equal(Enumerable.Range(0, 350), contents.Where(content => content < 350));
        }
    }

    [Fact]
    public async Task Lines_carry_the_token_that_resumes_and_are_empty_while_nothing_happens()
    {
        await using var api = await stack.StartApiAsync(("Changes:Heartbeat", "00:00:00.2"));
        using var client = ClientOf(api);
        using var response = await FeedReader.GetAsync(client, "?user=feed-gus", accept: "application/x-ndjson");
        Assert.Equal("application/x-ndjson", response.Content.Headers.ContentType?.ToString());
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(Cancellation));

        for (var beat = 0; beat < 3; beat++) Assert.Equal("", await lines.ReadLineAsync(Cancellation));
        foreach (var content in new[] { "one", "two" }) await stack.Client.CreateAsync(new { content, scope = new { user = "feed-gus" } });
        var one = await NextAsync(lines);
        var two = await NextAsync(lines);

        Assert.Equal(("created", "one"), (one.GetProperty("type").GetString(), one.GetProperty("memory").GetProperty("content").GetString()));
        using var rest = await FeedReader.GetAsync(client, $"?user=feed-gus&after={one.GetProperty("token").GetString()}", accept: "application/x-ndjson");
        using var after = new StreamReader(await rest.Content.ReadAsStreamAsync(Cancellation));
        Assert.Equal(two.GetRawText(), (await NextAsync(after)).GetRawText());
    }

    [Fact]
    public async Task A_silent_feed_beats_and_moves_the_place_to_resume_past_what_is_not_the_readers()
    {
        await using var api = await stack.StartApiAsync(("Changes:Heartbeat", "00:00:00.2"));
        using var client = ClientOf(api);
        await using var direct = new DirectWrites(stack);
        using var response = await FeedReader.GetAsync(client, "?user=feed-hal");
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(Cancellation));
        Assert.Equal(": heartbeat", await lines.ReadLineAsync(Cancellation));
        var before = await lines.ReadLineAsync(Cancellation);
        Assert.StartsWith("id: ", before, StringComparison.Ordinal);

        // Whose memory it is does not matter: what counts is that it is in the reader's partition.
        await direct.CreateAsync("other", "feed-hal", "not seen");

        var read = new List<string>();
        while (read.Count == 0 || !read[^1].StartsWith("id: ", StringComparison.Ordinal)) read.Add((await lines.ReadLineAsync(Cancellation))!);
        Assert.All(read.SkipLast(1), line => Assert.True(line is "" or ": heartbeat", line));
        Assert.NotEqual(before, read[^1]);
    }

    [Theory]
    [InlineData("?after=x", null, "after")]
    [InlineData("?after=", null, "after")]
    [InlineData("?after=1", null, "after")]
    [InlineData("?after=AAAA", null, "after")]
    [InlineData("", "x", "Last-Event-ID")]
    [InlineData("?after=0", "x", "Last-Event-ID")]
    [InlineData("?user=", null, "user")]
    [InlineData("?kind=x", null, "kind")]
    [InlineData("?filter=%7B%7D", null, "filter")]
    public async Task A_wrong_request_is_400_and_names_what_is_wrong(string query, string? lastId, string field)
    {
        using var response = await FeedReader.GetAsync(stack.Client, query, lastId);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal([field], JsonElement.Parse(await response.Content.ReadAsStringAsync(Cancellation)).GetProperty("errors").EnumerateObject().Select(error => error.Name));
    }

    [Fact]
    public async Task A_token_of_another_database_or_beyond_the_log_is_400()
    {
        string now;
        await using (var reader = await FeedReader.OpenAsync(stack.Client)) now = reader.Token;
        Assert.True(ConsistencyToken.TryParse(now, out var token));
        var foreign = ConsistencyToken.Empty(new Incarnation(token.Incarnation.Value + 1)).ToString();
        var beyond = token.Seeing(new Partition(0), new Position(1_000_000)).ToString();

        foreach (var wrong in new[] { foreign, beyond })
        {
            using var response = await FeedReader.GetAsync(stack.Client, $"?after={wrong}");
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        }
    }

    [Fact]
    public async Task Without_a_key_there_is_no_feed()
    {
        using var client = stack.NewClient();
        using var response = await FeedReader.GetAsync(client);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task A_reader_beyond_the_most_is_refused_until_another_leaves()
    {
        await using var api = await stack.StartApiAsync(("Changes:ReadersMax", "1"));
        using var client = ClientOf(api);
        await using (await FeedReader.OpenAsync(client))
        {
            using var refused = await FeedReader.GetAsync(client);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.NotNull(refused.Headers.RetryAfter);
        }

        await Until.TrueAsync(async () =>
        {
            using var again = await FeedReader.GetAsync(client);
            return again.StatusCode == HttpStatusCode.OK;
        });
    }

    [Fact]
    public async Task A_reader_that_takes_nothing_is_cut_off_and_resumes_without_loss()
    {
        await using var api = await stack.StartApiAsync(("Changes:FlushTimeout", "00:00:01"));
        await using var direct = new DirectWrites(stack);
        const int Count = 400;
        var long32K = new string('x', 32_000);
        string start;
        await using (var now = await FeedReader.OpenAsync(stack.Client, "?user=feed-ivy")) start = now.Token;
        for (var at = 0; at < Count; at += 100) await direct.CreateAsync("default", "feed-ivy", [.. Enumerable.Range(at, 100).Select(number => $"{number} {long32K}")]);
        var cutOff = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var listener = new MeterListener { InstrumentPublished = (instrument, listening) => { if (instrument.Name == "memory.feed.cut_off") listening.EnableMeasurementEvents(instrument); } };
        listener.SetMeasurementEventCallback<long>((_, _, _, _) => cutOff.TrySetResult());
        listener.Start();

        var address = api.ClientOptions.BaseAddress;
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 256 * 1024 };
        await socket.ConnectAsync(address.Host, address.Port, Cancellation);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"GET /v1/changes?user=feed-ivy&after={start} HTTP/1.0\r\nHost: x\r\nX-Api-Key: {Stack.Key}\r\n\r\n"), Cancellation);
        await cutOff.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);

        // The last event was broken off: what counts is complete.
        var received = (await DrainAsync(socket)).Split("\n\n").SkipLast(1).Where(block => block.Contains("\ndata: ", StringComparison.Ordinal)).ToList();
        Assert.InRange(received.Count, 1, Count - 1);
        var lastId = received[^1].Split('\n').Single(line => line.StartsWith("id: ", StringComparison.Ordinal))["id: ".Length..];
        await using var resumed = await FeedReader.OpenAsync(stack.Client, "?user=feed-ivy", lastId);
        var rest = await resumed.TakeAsync(Count - received.Count);
        Assert.Equal(Enumerable.Range(received.Count, rest.Count).Select(at => $"{at} "), rest.Select(@event => @event.Content![..^32_000]));
    }

    [Fact]
    public async Task When_the_process_stops_the_feed_ends_at_once()
    {
        var api = await stack.StartApiAsync();
        using var client = ClientOf(api);
        await using var reader = await FeedReader.OpenAsync(client);
        var ending = reader.NextOrEndAsync();
        var started = TimeProvider.System.GetTimestamp();

        await api.DisposeAsync();

        Assert.Null(await ending);
        Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task While_postgres_is_away_a_feed_beats_and_then_goes_on_and_a_new_one_is_refused()
    {
        await using var own = new Stack();
        await own.InitializeAsync();
        await using var api = await own.StartApiAsync(("Changes:Heartbeat", "00:00:00.2"));
        using var client = ClientOf(api);
        using var response = await FeedReader.GetAsync(client);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(Cancellation));
        await own.Client.CreateAsync(new { content = "before", scope = new { user = "ada" } });
        await UntilDataAsync(lines, "before");

        await own.Postgres.KillAsync();
        for (var beat = 0; beat < 10;) if (await lines.ReadLineAsync(Cancellation) == ": heartbeat") beat++;
        using var refused = await FeedReader.GetAsync(client);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal("postgres", refused.Headers.GetValues("Memory-Degraded").Single());

        await own.Postgres.RestartAsync();
        await Until.TrueAsync(async () => (await own.Client.CreateAsync(new { content = "after", scope = new { user = "ada" } })).Status == HttpStatusCode.Created);
        await UntilDataAsync(lines, "after");
    }

    private static HttpClient ClientOf(WebApplicationFactory<Program> api)
    {
        var client = new HttpClient { BaseAddress = api.ClientOptions.BaseAddress };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Stack.Key);
        return client;
    }

    /// <summary>Reads so many events, over connections that break off after some of them.</summary>
    private static async Task<IReadOnlyList<FeedEvent>> ReadWithBreaksAsync(HttpClient[] clients, string start, int count, Random random)
    {
        var events = new List<FeedEvent>();
        while (events.Count < count)
        {
            var lastId = events.Count == 0 ? start : events[^1].Id;
            await using var reader = await FeedReader.OpenAsync(clients[random.Next(clients.Length)], lastId: lastId);
            events.AddRange(await reader.TakeAsync(Math.Min(random.Next(1, 40), count - events.Count)));
        }

        return events;
    }

    private static async Task<JsonElement> NextAsync(StreamReader lines)
    {
        while (true)
        {
            if (await lines.ReadLineAsync(Cancellation) is { Length: > 0 } line) return JsonElement.Parse(line);
        }
    }

    /// <summary>Reads on until an event tells of a content; nothing else may come before it.</summary>
    private static async Task UntilDataAsync(StreamReader lines, string content)
    {
        while (true)
        {
            var line = await lines.ReadLineAsync(Cancellation);
            Assert.NotNull(line);
            if (!line.StartsWith("data: ", StringComparison.Ordinal)) continue;
            Assert.Equal(content, JsonElement.Parse(line["data: ".Length..]).GetProperty("memory").GetProperty("content").GetString());
            return;
        }
    }

    /// <summary>What was on the way when the connection broke.</summary>
    private static async Task<string> DrainAsync(Socket socket)
    {
        var read = new MemoryStream();
        var buffer = new byte[64 * 1024];
        try
        {
            while (await socket.ReceiveAsync(buffer, Cancellation) is var count and > 0) read.Write(buffer, 0, count);
        }
        catch (SocketException)
        {
            // A reset is an end, too.
        }

        return Encoding.UTF8.GetString(read.ToArray());
    }
}
