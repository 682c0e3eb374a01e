using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MemoryAspire.Embeddings.Tests.Remote;

/// <summary>A server on the loopback that speaks the wire format of a provider: it answers texts with the vectors it is told to.</summary>
internal sealed class LoopbackProvider : IAsyncDisposable
{
    private readonly WebApplication _app;

    private LoopbackProvider(WebApplication app) => _app = app;

    public ConcurrentQueue<JsonNode> Requests { get; } = new();

    public ConcurrentQueue<string?> Keys { get; } = new();

    /// <summary>The vector of a text.</summary>
    public Func<string, float[]> Vector { get; set; } = text => [text.Length, 0, 0];

    /// <summary>Answers a request itself and gives true, or leaves it to the server.</summary>
    public Func<int, HttpContext, Task<bool>> Before { get; set; } = (_, _) => Task.FromResult(false);

    public string Url => _app.Urls.Single();

    public static async Task<LoopbackProvider> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var provider = new LoopbackProvider(app);
        app.MapPost("/v1/embeddings", context => provider.AnswerAsync(context, OpenAIAnswer));
        app.MapPost("/api/embed", context => provider.AnswerAsync(context, OllamaAnswer));
        await app.StartAsync(TestContext.Current.CancellationToken);
        return provider;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context, Func<IEnumerable<float[]>, string?, object> answer)
    {
        var request = (await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted))!;
        Requests.Enqueue(request);
        Keys.Enqueue(context.Request.Headers.Authorization);
        if (await Before(Requests.Count, context)) return;
        var vectors = request["input"]!.AsArray().Select(text => Vector((string)text!));
        await context.Response.WriteAsJsonAsync(answer(vectors, (string?)request["encoding_format"]), JsonSerializerOptions.Web, context.RequestAborted);
    }

    private static object OpenAIAnswer(IEnumerable<float[]> vectors, string? encoding) => new
    {
        @object = "list",
        model = "m",
        usage = new { prompt_tokens = 1, total_tokens = 1 },
        data = vectors.Select((vector, index) => new
        {
            @object = "embedding",
            index,
            embedding = encoding == "base64" ? (object)Convert.ToBase64String([.. vector.SelectMany(BitConverter.GetBytes)]) : vector,
        }).ToList(),
    };

    private static object OllamaAnswer(IEnumerable<float[]> vectors, string? encoding) => new { model = "m", embeddings = vectors.ToList() };
}
