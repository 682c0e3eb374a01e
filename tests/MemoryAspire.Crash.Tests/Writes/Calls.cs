using System.Net.Http.Json;
using System.Text.Json;

namespace MemoryAspire.Crash.Tests.Writes;

/// <summary>The API, as the tests call it.</summary>
internal static class Calls
{
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(40);

    public static async Task<Told> WriteAsync(this HttpClient client, Write write, string? key = null)
    {
        using var request = Request(write);
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        try
        {
            using var bound = new CancellationTokenSource(AnswerMax);
            using var response = await client.SendAsync(request, bound.Token);
            return Read(write, response, await response.Content.ReadAsStringAsync(bound.Token));
        }
        catch (HttpRequestException)
        {
            return Told.Nothing;
        }
    }

    /// <summary>A memory by id; null when there is none.</summary>
    public static async Task<MemoryState?> FindAsync(this HttpClient client, string id)
    {
        using var response = await client.GetAsync($"/v1/memories/{id}", TestContext.Current.CancellationToken);
        if ((int)response.StatusCode == 404) return null;
        response.EnsureSuccessStatusCode();
        return Memory(await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken));
    }

    /// <summary>All memories of a user, by search in the index alone.</summary>
    public static async Task<IReadOnlyList<MemoryState>> SearchAsync(this HttpClient client, string user)
    {
        using var response = await client.PostAsJsonAsync(
            "/v1/memories/search", new { query = "a cup of tea", mode = "semantic", k = 1000, scope = new { user } }, TestContext.Current.CancellationToken);
        response.EnsureSuccessStatusCode();
        Assert.False(response.Headers.Contains("Memory-Degraded"));
        var body = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        return [.. body.GetProperty("results").EnumerateArray().Select(result => Memory(result.GetProperty("memory")))];
    }

    private static HttpRequestMessage Request(Write write) => write.Operations switch
    {
        [Operation.Create create] => Json(HttpMethod.Post, "/v1/memories", create.ToJson()),
        [Operation.Update update] => Json(HttpMethod.Patch, $"/v1/memories/{update.Id}", new { content = update.Content }),
        [Operation.Delete delete] => new HttpRequestMessage(HttpMethod.Delete, $"/v1/memories/{delete.Id}"),
        _ => Json(HttpMethod.Post, "/v1/transactions", new { operations = write.Operations.Select(operation => operation.ToJson()) }),
    };

    private static HttpRequestMessage Json(HttpMethod method, string path, object body) => new(method, path) { Content = JsonContent.Create(body) };

    private static Told Read(Write write, HttpResponseMessage response, string text)
    {
        var body = text.Length == 0 ? default : JsonElement.Parse(text);
        var tiers = response.Headers.TryGetValues("Memory-Tiers", out var values) ? string.Join(", ", values) : "";
        return new Told(
            (int)response.StatusCode,
            body.ValueKind == JsonValueKind.Object && body.TryGetProperty("outcome", out var outcome) ? outcome.GetString() : null,
            tiers,
            response.Headers.Contains("Idempotency-Replayed"),
            response.IsSuccessStatusCode ? Ids(write, body) : []);
    }

    private static IReadOnlyList<string?> Ids(Write write, JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object) return [.. write.Operations.Select(_ => (string?)null)];
        return body.TryGetProperty("results", out var results)
            ? [.. results.EnumerateArray().Select(result => Id(result.GetProperty("memory")))]
            : [Id(body.GetProperty("memory"))];
    }

    private static string? Id(JsonElement memory) => memory.ValueKind == JsonValueKind.Object ? memory.GetProperty("id").GetString() : null;

    private static MemoryState Memory(JsonElement memory) => new(
        memory.GetProperty("id").GetString()!,
        memory.GetProperty("scope").GetProperty("user").GetString()!,
        memory.GetProperty("content").GetString()!,
        memory.GetProperty("version").GetInt64());
}
