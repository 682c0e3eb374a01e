using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace MemoryAspire.Api.Tests;

/// <summary>An answer, read whole.</summary>
public sealed record Answer(HttpStatusCode Status, JsonElement Body, HttpResponseMessage Raw)
{
    public string Token => Header("Memory-Token");

    public string Header(string name) => Raw.Headers.TryGetValues(name, out var values) ? string.Join(",", values) : "";

    /// <summary>The problem's errors, by field.</summary>
    public IEnumerable<string> WrongFields => Body.GetProperty("errors").EnumerateObject().Select(error => error.Name);
}

internal static class Requests
{
    public static Task<Answer> CreateAsync(this HttpClient client, object memory) => client.CallAsync(HttpMethod.Post, "/v1/memories", memory);

    public static Task<Answer> SearchAsync(this HttpClient client, object search, string? token = null) =>
        client.CallAsync(HttpMethod.Post, "/v1/memories/search", search, token);

    public static Task<Answer> ReadAsync(this HttpClient client, string path, string? token) => client.CallAsync(HttpMethod.Get, path, null, token);

    public static Task<Answer> PostTextAsync(this HttpClient client, string path, string json) =>
        client.AnswerAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(json, Encoding.UTF8, "application/json") });

    public static async Task<Answer> CallAsync(
        this HttpClient client, HttpMethod method, string path, object? body = null, string? token = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = JsonContent.Create(body);
        if (token is not null) request.Headers.Add("Memory-Token", token);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return await client.AnswerAsync(request);
    }

    public static async Task<Answer> AnswerAsync(this HttpClient client, HttpRequestMessage request)
    {
        var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return new Answer(response.StatusCode, text.Length == 0 ? default : JsonElement.Parse(text), response);
    }

    public static string Id(this Answer answer) => answer.Body.GetProperty("memory").GetProperty("id").GetString()!;

    public static IReadOnlyList<string> Contents(this Answer answer) =>
        [.. answer.Body.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("memory").GetProperty("content").GetString()!)];
}
