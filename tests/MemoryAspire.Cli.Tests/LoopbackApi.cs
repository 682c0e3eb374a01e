using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MemoryAspire.Cli.Tests;

/// <summary>A request that the stand-in received.</summary>
internal sealed record Received(string Method, string Path, string? Key, string[] Tokens, JsonNode? Body);

/// <summary>A stand-in of the API on the loopback, as far as the command line uses it. Its tokens are numbers that grow.</summary>
internal sealed class LoopbackApi : IAsyncDisposable
{
    public const string ApiKey = "test-key";

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, JsonNode> _answers = new();
    private readonly ConcurrentDictionary<string, int> _tries = new();
    private int _writes;

    private LoopbackApi(WebApplication app) => _app = app;

    public ConcurrentQueue<Received> Requests { get; } = new();

    public ConcurrentDictionary<string, JsonNode> Memories { get; } = new();

    /// <summary>Sees a request and how often it came, and may refuse it: status, headers, problem.</summary>
    public Func<Received, int, (int Status, string? RetryAfter, string Problem)?> Refuse { get; set; } = (_, _) => null;

    /// <summary>The tiers that searches are answered without.</summary>
    public string? Degraded { get; set; } = "index";

    public string Url => _app.Urls.Single();

    public static async Task<LoopbackApi> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var api = new LoopbackApi(app);
        app.Run(api.AnswerAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return api;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var request = new Received(
            context.Request.Method,
            context.Request.Path,
            context.Request.Headers["Idempotency-Key"],
            [.. context.Request.Headers["Memory-Token"].SelectMany(header => header!.Split(", "))],
            context.Request.ContentLength > 0 ? await JsonNode.ParseAsync(context.Request.Body) : null);
        Requests.Enqueue(request);
        if (context.Request.Headers.Authorization != $"Bearer {ApiKey}")
        {
            await ProblemAsync(context, 401, """{"title":"The key is not known.","status":401}""");
            return;
        }

        var seen = request.Tokens.Select(token => int.Parse(token, CultureInfo.InvariantCulture)).Append(Volatile.Read(ref _writes)).Max();
        context.Response.Headers["Memory-Token"] = seen.ToString(CultureInfo.InvariantCulture);
        if (Refuse(request, _tries.AddOrUpdate($"{request.Method}{request.Path}{request.Key}", 1, (_, tries) => tries + 1)) is { } refusal)
        {
            if (refusal.RetryAfter is { } after) context.Response.Headers.RetryAfter = after;
            await ProblemAsync(context, refusal.Status, refusal.Problem);
            return;
        }

        await ServeAsync(context, request);
    }

    private Task ServeAsync(HttpContext context, Received request)
    {
        var id = request.Path.Split('/')[^1];
        return (request.Method, request.Path) switch
        {
            ("POST", "/v1/memories") => CreateAsync(context, request),
            ("POST", "/v1/memories/batch") => CreateManyAsync(context, request.Body!["memories"]!.AsArray()),
            ("DELETE", "/v1/memories") => DeleteScopeAsync(context, context.Request.Query["user"]!),
            ("POST", "/v1/memories/search") => SearchAsync(context, request.Body!),
            ("GET", _) when Memories.TryGetValue(id, out var memory) => JsonAsync(context, 200, memory),
            ("DELETE", _) when Memories.TryRemove(id, out _) => NoContentAsync(context),
            _ => ProblemAsync(context, 404, """{"title":"There is no such memory.","status":404,"detail":"It may have been deleted."}"""),
        };
    }

    private async Task CreateAsync(HttpContext context, Received request)
    {
        if (request.Body!["content"] is null)
        {
            await ProblemAsync(context, 400, """{"title":"The memory is not valid.","status":400,"errors":{"content":["is required"],"importance":["is odd","is bad"]}}""");
            return;
        }

        var isNew = !_answers.ContainsKey(request.Key!);
        var answer = _answers.GetOrAdd(request.Key!, _ =>
        {
            var id = $"id-{Interlocked.Increment(ref _writes)}";
            var memory = request.Body.DeepClone();
            memory["id"] = id;
            memory["version"] = 1;
            Memories[id] = memory;
            return new JsonObject { ["memory"] = memory.DeepClone(), ["tiers"] = new JsonObject { ["postgres"] = "applied" } };
        });
        context.Response.Headers["Memory-Token"] = Volatile.Read(ref _writes).ToString(CultureInfo.InvariantCulture);
        if (!isNew) context.Response.Headers["Idempotency-Replayed"] = "true";
        await JsonAsync(context, 201, answer);
    }

    private Task CreateManyAsync(HttpContext context, JsonArray memories)
    {
        foreach (var memory in memories)
        {
            var id = $"id-{Interlocked.Increment(ref _writes)}";
            Memories[id] = memory!.DeepClone();
        }

        return JsonAsync(context, 207, new JsonObject { ["items"] = new JsonArray() });
    }

    private Task DeleteScopeAsync(HttpContext context, string user)
    {
        var gone = Memories.Where(memory => (string?)memory.Value["scope"]?["user"] == user).Count(memory => Memories.TryRemove(memory.Key, out _));
        return JsonAsync(context, 200, new JsonObject { ["deleted"] = gone });
    }

    private Task SearchAsync(HttpContext context, JsonNode search)
    {
        if (Degraded is not null) context.Response.Headers["Memory-Degraded"] = Degraded;
        var user = (string?)search["scope"]?["user"];
        var results = Memories.Values.Where(memory => user is null || (string?)memory["scope"]?["user"] == user).Where(memory => ((string)memory["content"]!).Contains((string)search["query"]!, StringComparison.Ordinal))
            .Select(memory => (JsonNode)new JsonObject { ["memory"] = memory.DeepClone(), ["score"] = 0.8312, ["similarity"] = 0.8 });
        return JsonAsync(context, 200, new JsonObject { ["results"] = new JsonArray([.. results]), ["mode"] = "hybrid" });
    }

    private static Task NoContentAsync(HttpContext context)
    {
        context.Response.StatusCode = 204;
        return Task.CompletedTask;
    }

    private static Task ProblemAsync(HttpContext context, int status, string problem)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/problem+json";
        return context.Response.WriteAsync(problem);
    }

    private static Task JsonAsync(HttpContext context, int status, JsonNode body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body.ToJsonString());
    }
}
