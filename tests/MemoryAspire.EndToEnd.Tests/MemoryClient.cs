using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace MemoryAspire.EndToEnd.Tests;

/// <summary>What a user of the API does.</summary>
internal static class MemoryClient
{
    /// <summary>Stores a memory and returns its id; null when the write was not acknowledged.</summary>
    public static async Task<string?> TryAddAsync(this HttpClient client, string content, string user, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await client.PostAsJsonAsync("/v1/memories", new { content, scope = new { user } }, cancellationToken);
            if (response.StatusCode == HttpStatusCode.ServiceUnavailable) return null;
            Assert.Equal(HttpStatusCode.Created, response.StatusCode);
            return (await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken)).GetProperty("memory").GetProperty("id").GetString();
        }
        catch (HttpRequestException)
        {
            // The API itself was killed.
            return null;
        }
    }

    public static async Task<string> AddAsync(this HttpClient client, string content, string user, CancellationToken cancellationToken)
    {
        var id = await client.TryAddAsync(content, user, cancellationToken);
        Assert.NotNull(id);
        return id;
    }

    public static async Task<string> ContentAsync(this HttpClient client, string id, CancellationToken cancellationToken) =>
        (await client.GetFromJsonAsync<JsonElement>($"/v1/memories/{id}", cancellationToken)).GetProperty("content").GetString() ?? "";

    /// <summary>The contents found, best first; and that no tier was passed over.</summary>
    public static async Task<IReadOnlyList<string>> SearchAsync(this HttpClient client, string query, string user, int k, CancellationToken cancellationToken)
    {
        using var response = await client.PostAsJsonAsync("/v1/memories/search", new { query, k, scope = new { user } }, cancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.False(response.Headers.Contains("Memory-Degraded"));
        var body = await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
        return [.. body.GetProperty("results").EnumerateArray().Select(found => found.GetProperty("memory").GetProperty("content").GetString()!)];
    }
}
