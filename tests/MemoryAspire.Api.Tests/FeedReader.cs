using System.Net;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text.Json;

namespace MemoryAspire.Api.Tests;

/// <summary>One event as a reader of the feed gets it.</summary>
internal sealed record FeedEvent(string Id, string Type, JsonElement Data)
{
    public (string Memory, long Version) Key => (Data.GetProperty("memoryId").GetString()!, Data.GetProperty("version").GetInt64());

    public string? Content => Data.GetProperty("memory") is { ValueKind: JsonValueKind.Object } memory ? memory.GetProperty("content").GetString() : null;
}

/// <summary>Follows the change feed by server-sent events, parsed by the platform's own parser.</summary>
internal sealed class FeedReader : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly HttpResponseMessage _response;
    private readonly SseParser<string> _parser;
    private readonly IAsyncEnumerator<SseItem<string>> _events;

    private FeedReader(HttpResponseMessage response, Stream stream)
    {
        _response = response;
        _parser = SseParser.Create(stream, (_, data) => System.Text.Encoding.UTF8.GetString(data));
        _events = _parser.EnumerateAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
    }

    /// <summary>The token in the answer's header.</summary>
    public string Token => _response.Headers.GetValues("Memory-Token").Single();

    public string LastId => _parser.LastEventId;

    public static async Task<FeedReader> OpenAsync(HttpClient client, string query = "", string? lastId = null)
    {
        var response = await GetAsync(client, query, lastId);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        return new FeedReader(response, await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>The answer, its body still to be read.</summary>
    public static Task<HttpResponseMessage> GetAsync(HttpClient client, string query = "", string? lastId = null, string? accept = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/changes{query}");
        if (lastId is not null) request.Headers.Add("Last-Event-ID", lastId);
        if (accept is not null) request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(accept));
        return client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    public async Task<FeedEvent> NextAsync() => await NextOrEndAsync() ?? throw new InvalidOperationException("The feed has ended.");

    /// <summary>Null when the feed has ended.</summary>
    public async Task<FeedEvent?> NextOrEndAsync()
    {
        if (!await _events.MoveNextAsync().AsTask().WaitAsync(Patience)) return null;
        var item = _events.Current;
        return new FeedEvent(_parser.LastEventId, item.EventType, JsonElement.Parse(item.Data));
    }

    public async Task<IReadOnlyList<FeedEvent>> TakeAsync(int count)
    {
        var events = new List<FeedEvent>();
        while (events.Count < count) events.Add(await NextAsync());
        return events;
    }

    public ValueTask DisposeAsync()
    {
        _response.Dispose();
        return ValueTask.CompletedTask;
    }
}
