using System.Collections.Immutable;
using System.Net.Http.Headers;
using System.Text.Json;

namespace MemoryAspire.Cli.Api;

/// <summary>What the service answered.</summary>
/// <param name="Body">Undefined when there is none.</param>
/// <param name="Replayed">The same request was served before; this is its outcome.</param>
/// <param name="Degraded">The tiers that were not used because they are down, as the service lists them.</param>
internal sealed record ApiAnswer(JsonElement Body, bool Replayed, string? Degraded);

/// <summary>
/// The public REST API. Every request that writes carries an idempotency key, so that each can be repeated; and every one
/// carries the tokens of the earlier ones, so that it sees what they saw.
/// </summary>
internal sealed class MemoryApi : IDisposable
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(60);

    private readonly HttpClient _http;
    private readonly Backoff _backoff;
    private readonly TimeProvider _clock;
    private readonly SeenTokens _tokens = new();

    /// <param name="timeout">How long one request may take.</param>
    public MemoryApi(Connection connection, Backoff backoff, TimeProvider clock, TimeSpan? timeout = null)
    {
        _http = new HttpClient { BaseAddress = connection.Url, Timeout = timeout ?? RequestTimeout };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", connection.Key);
        _backoff = backoff;
        _clock = clock;
    }

    public Task<ApiAnswer> CreateAsync(ReadOnlyMemory<byte> memory, string idempotencyKey, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, "v1/memories", memory, idempotencyKey, cancellationToken);

    public Task<ApiAnswer> GetAsync(string id, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, $"v1/memories/{Uri.EscapeDataString(id)}", null, null, cancellationToken);

    public Task<ApiAnswer> DeleteAsync(string id, string idempotencyKey, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Delete, $"v1/memories/{Uri.EscapeDataString(id)}", null, idempotencyKey, cancellationToken);

    public Task<ApiAnswer> SearchAsync(ReadOnlyMemory<byte> search, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, "v1/memories/search", search, null, cancellationToken);

    public Task<ApiAnswer> CreateManyAsync(ReadOnlyMemory<byte> batch, string idempotencyKey, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, "v1/memories/batch", batch, idempotencyKey, cancellationToken);

    /// <summary>Everything of a user; what is gone already is not deleted again.</summary>
    public Task<ApiAnswer> DeleteScopeAsync(string user, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Delete, $"v1/memories?user={Uri.EscapeDataString(user)}", null, null, cancellationToken);

    /// <summary>Without an idempotency key: what is right already is not repaired again.</summary>
    public Task<ApiAnswer> RebuildAsync(CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, "v1/admin/memories/rebuild", null, null, cancellationToken);

    /// <param name="path">Of the memory or the scope, with what asks for erasure.</param>
    public Task<ApiAnswer> EraseAsync(string path, string idempotencyKey, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Delete, path, null, idempotencyKey, cancellationToken);

    /// <summary>The receipt of an erasure.</summary>
    public Task<ApiAnswer> ErasureAsync(string id, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, $"v1/erasures/{Uri.EscapeDataString(id)}", null, null, cancellationToken);

    /// <summary>Asks for a comparison of the tiers. Repeated after a failure it may be asked for twice, which costs only time.</summary>
    public Task<ApiAnswer> ReconcileAsync(ReadOnlyMemory<byte> order, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, "v1/admin/reconciliations", order, null, cancellationToken);

    public Task<ApiAnswer> GetReconciliationAsync(string id, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, $"v1/admin/reconciliations/{Uri.EscapeDataString(id)}", null, null, cancellationToken);

    public Task<ApiAnswer> CancelReconciliationAsync(string id, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Delete, $"v1/admin/reconciliations/{Uri.EscapeDataString(id)}", null, null, cancellationToken);

    public Task<ApiAnswer> GetConsistencyAsync(CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, "v1/admin/consistency", null, null, cancellationToken);

    public void Dispose() => _http.Dispose();

    private async Task<ApiAnswer> SendAsync(
        HttpMethod method, string path, ReadOnlyMemory<byte>? body, string? idempotencyKey, CancellationToken cancellationToken)
    {
        for (var retry = 0; ; retry++)
        {
            TimeSpan wait;
            var carried = _tokens.Current;
            using var request = Request(method, path, body, idempotencyKey, carried);
            try
            {
                using var response = await _http.SendAsync(request, cancellationToken);
                var content = await response.Content.ReadAsByteArrayAsync(cancellationToken);
                if (response.Headers.TryGetValues("Memory-Token", out var tokens)) _tokens.Replace(carried, tokens.Single());
                if (response.IsSuccessStatusCode) return Answer(response, content);
                if (retry == _backoff.RetriesMax || !Backoff.IsPassing(response))
                {
                    throw ApiException.Of(response.StatusCode, response.ReasonPhrase, content);
                }

                wait = _backoff.Wait(retry, response, _clock.GetUtcNow());
            }
            catch (Exception exception) when (IsUnreachable(exception, cancellationToken))
            {
                if (retry == _backoff.RetriesMax)
                {
                    throw new ApiException(null, $"{_http.BaseAddress} does not answer: {exception.Message}", null);
                }

                wait = _backoff.Wait(retry, null, _clock.GetUtcNow());
            }

            await Task.Delay(wait, _clock, cancellationToken);
        }
    }

    private static HttpRequestMessage Request(
        HttpMethod method, string path, ReadOnlyMemory<byte>? body, string? idempotencyKey, ImmutableHashSet<string> tokens)
    {
        var request = new HttpRequestMessage(method, path);
        if (body is { } bytes)
        {
            request.Content = new ReadOnlyMemoryContent(bytes);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        if (idempotencyKey is not null) request.Headers.Add("Idempotency-Key", idempotencyKey);
        if (tokens.Count > 0) request.Headers.Add("Memory-Token", string.Join(", ", tokens));
        return request;
    }

    private static ApiAnswer Answer(HttpResponseMessage response, byte[] content) => new(
        content.Length == 0 ? default : JsonElement.Parse(content),
        Header(response, "Idempotency-Replayed") == "true",
        Header(response, "Memory-Degraded"));

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? string.Join(",", values) : null;

    /// <summary>A time-out of the client looks like a cancellation that nobody asked for.</summary>
    private static bool IsUnreachable(Exception exception, CancellationToken cancellationToken) =>
        exception is HttpRequestException or IOException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested);
}
