using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace MemoryAspire.Crash.Tests.Losses;

/// <summary>What an answer said.</summary>
internal sealed record LossAnswer(HttpStatusCode Status, string Id, long Version, string Token, string Source, string Degraded, string Tiers)
{
    /// <summary>Who answered, and what was passed over.</summary>
    public string By => Degraded.Length == 0 ? Source : $"{Source}, degraded: {Degraded}";

    /// <summary>What a write said of Redis.</summary>
    public string Redis => Tiers.Contains("redis=applied", StringComparison.Ordinal) ? "applied" : "pending";
}

internal static class LossClient
{
    public static Task<LossAnswer> CreateAsync(this HttpClient client, string user, string content) =>
        client.SendAsync(HttpMethod.Post, "/v1/memories", new { content, scope = new { user } }, null);

    public static Task<LossAnswer> UpdateAsync(this HttpClient client, string id, string content) =>
        client.SendAsync(HttpMethod.Patch, $"/v1/memories/{id}", new { content }, null);

    public static Task<LossAnswer> RemoveAsync(this HttpClient client, string id) => client.SendAsync(HttpMethod.Delete, $"/v1/memories/{id}", null, null);

    /// <summary>At level session.</summary>
    public static Task<LossAnswer> ReadAsync(this HttpClient client, string id, string? token) => client.SendAsync(HttpMethod.Get, $"/v1/memories/{id}", null, token);

    private static async Task<LossAnswer> SendAsync(this HttpClient client, HttpMethod method, string path, object? body, string? token)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = JsonContent.Create(body);
        if (token is not null) request.Headers.Add("Memory-Token", token);
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var memory = response.IsSuccessStatusCode && text.Length > 0 ? JsonElement.Parse(text) : default;
        if (memory.ValueKind == JsonValueKind.Object && memory.TryGetProperty("memory", out var written)) memory = written;
        return new LossAnswer(
            response.StatusCode,
            memory.ValueKind == JsonValueKind.Object ? memory.GetProperty("id").GetString()! : "",
            memory.ValueKind == JsonValueKind.Object ? memory.GetProperty("version").GetInt64() : 0,
            Header("Memory-Token"),
            Header("Memory-Source"),
            Header("Memory-Degraded"),
            Header("Memory-Tiers"));

        string Header(string name) => response.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : "";
    }
}
