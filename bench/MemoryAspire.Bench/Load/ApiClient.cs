using System.Net;
using System.Net.Http.Headers;
using MemoryAspire.TestServices;

namespace MemoryAspire.Bench.Load;

/// <summary>What an answer said, as far as a measure wants it.</summary>
internal readonly record struct ApiAnswer(HttpStatusCode Status, string Tiers, string Token, string Location, string Source);

/// <summary>The API over HTTP/1.1 with kept connections, and nothing of <see cref="HttpClient"/> that costs and is not needed.</summary>
internal sealed class ApiClient : IDisposable
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler
    {
        ActivityHeadersPropagator = null,
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
    });

    private readonly Uri _memories;
    private readonly Uri _batch;
    private readonly Uri _search;

    public ApiClient(Uri address)
    {
        _memories = new Uri(address, "/v1/memories");
        _batch = new Uri(address, "/v1/memories/batch");
        _search = new Uri(address, "/v1/memories/search");
    }

    public Task<ApiAnswer> CreateAsync(ReadOnlyMemory<byte> body) => SendAsync(HttpMethod.Post, _memories, body);

    public Task<ApiAnswer> CreateBatchAsync(ReadOnlyMemory<byte> body) => SendAsync(HttpMethod.Post, _batch, body);

    public Task<ApiAnswer> SearchAsync(ReadOnlyMemory<byte> body) => SendAsync(HttpMethod.Post, _search, body);

    /// <summary>With the body.</summary>
    public async Task<ReadOnlyMemory<byte>> GetBodyAsync(Uri memory)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, memory);
        request.Headers.TryAddWithoutValidation("X-Api-Key", ServiceStack.Key);
        using var response = await _http.SendAsync(request, CancellationToken.None);
        return await response.Content.ReadAsByteArrayAsync();
    }

    public Task<ApiAnswer> GetAsync(Uri memory, string? token) => SendAsync(HttpMethod.Get, memory, null, token);

    public void Dispose() => _http.Dispose();

    private async Task<ApiAnswer> SendAsync(HttpMethod method, Uri address, ReadOnlyMemory<byte>? body, string? token = null)
    {
        using var request = new HttpRequestMessage(method, address);
        request.Headers.TryAddWithoutValidation("X-Api-Key", ServiceStack.Key);
        if (token is not null) request.Headers.TryAddWithoutValidation("Memory-Token", token);
        if (body is { } bytes)
        {
            request.Content = new ReadOnlyMemoryContent(bytes);
            request.Content.Headers.ContentType = Json;
        }

        using var response = await _http.SendAsync(request, CancellationToken.None);
        await response.Content.CopyToAsync(Stream.Null);
        var headers = response.Headers.NonValidated;
        return new ApiAnswer(response.StatusCode, Value(headers, "Memory-Tiers"), Value(headers, "Memory-Token"), Value(headers, "Location"), Value(headers, "Memory-Source"));
    }

    private static string Value(HttpHeadersNonValidated headers, string name) => headers.TryGetValues(name, out var values) ? values.ToString() : "";
}
