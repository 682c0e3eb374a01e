using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using MemoryAspire.TestStores;
using MemoryAspire.TestStores.Processes;

namespace MemoryAspire.TestServices;

/// <summary>
/// PostgreSQL, Redis, the index, the reconciler and the API, each a process of its own. All die with this process.
/// </summary>
public sealed class ServiceStack : IAsyncDisposable
{
    /// <summary>The API's first key.</summary>
    public const string Key = "test-key-0123456789abcdef";

    /// <summary>By which the services know each other.</summary>
    public const string InternalKey = "internal-key-0123456789abcdef-0123456789";

    private static readonly TimeSpan HealthyMax = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan HealthPoll = TimeSpan.FromMilliseconds(100);

    private readonly string _indexFolder;

    private ServiceStack(PostgresServer postgres, RedisServer redis, string database, string indexFolder)
    {
        Postgres = postgres;
        Redis = redis;
        Database = database;
        _indexFolder = indexFolder;
    }

    public PostgresServer Postgres { get; }

    public RedisServer Redis { get; }

    /// <summary>The connection string of the stack's database.</summary>
    public string Database { get; }

    public ServiceProcess Index { get; } = new("memory-index", "MemoryAspire.IndexService");

    public ServiceProcess Reconciler { get; } = new("reconciler", "MemoryAspire.Reconciler");

    public ServiceProcess Api { get; } = new("memory-api", "MemoryAspire.Api");

    /// <summary>Starts everything and returns when the API says that all tiers are healthy.</summary>
    /// <param name="settings">Further settings of every service.</param>
    public static async Task<ServiceStack> StartAsync(
        PostgresServerOptions options, IEnumerable<KeyValuePair<string, string>> settings, CancellationToken cancellationToken)
    {
        var starting = RedisServer.StartAsync();
        var postgres = await PostgresServer.StartAsync(options);
        var stack = new ServiceStack(postgres, await starting, await postgres.CreateDatabaseAsync(), await StoreFolders.NewAsync("index"));
        try
        {
            await stack.StartServicesAsync([.. settings]);
            await stack.WaitUntilHealthyAsync(cancellationToken);
            return stack;
        }
        catch
        {
            await stack.DisposeAsync();
            throw;
        }
    }

    /// <summary>A client of the API that carries its key.</summary>
    public HttpClient NewClient()
    {
        var client = new HttpClient { BaseAddress = Api.Address };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Key);
        return client;
    }

    /// <exception cref="TimeoutException">A tier is still not healthy; the message has what the services said.</exception>
    public async Task WaitUntilHealthyAsync(CancellationToken cancellationToken)
    {
        using var client = NewClient();
        var begun = TimeProvider.System.GetTimestamp();
        var health = "";
        do
        {
            try
            {
                health = await client.GetStringAsync("/health", cancellationToken);
                if (JsonElement.Parse(health).GetProperty("status").GetString() == "Healthy") return;
            }
            catch (HttpRequestException exception)
            {
                health = exception.Message;
            }

            await Task.Delay(HealthPoll, TimeProvider.System, cancellationToken);
        }
        while (TimeProvider.System.GetElapsedTime(begun) < HealthyMax);
        throw new TimeoutException(string.Join(Environment.NewLine, [$"Not healthy within {HealthyMax}: {health}", Api.Log, Index.Log, Reconciler.Log]));
    }

    /// <summary>How many positions Redis and the index are behind the log, as the API sees it; null while it cannot tell.</summary>
    public static async Task<(long Redis, long Index)?> BehindAsync(HttpClient client, CancellationToken cancellationToken)
    {
        using var response = await client.GetAsync("/health", cancellationToken);
        var health = await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
        return health.GetProperty("entries").GetProperty("consistency").TryGetProperty("data", out var data) && data.TryGetProperty("redisBehind", out var redis)
            ? (redis.GetInt64(), data.GetProperty("indexBehind").GetInt64())
            : null;
    }

    public async ValueTask DisposeAsync()
    {
        await Api.DisposeAsync();
        await Reconciler.DisposeAsync();
        await Index.DisposeAsync();
        await Redis.DisposeAsync();
        await Postgres.DisposeAsync();
        StoreFolders.Remove(_indexFolder);
    }

    private async Task StartServicesAsync(IReadOnlyCollection<KeyValuePair<string, string>> settings)
    {
        Directory.CreateDirectory(_indexFolder);
        foreach (var service in new[] { Index, Reconciler, Api })
        {
            service.Settings["ConnectionStrings__memorydb"] = Database;
            service.Settings["ConnectionStrings__redis"] = Redis.ConnectionString;
            service.Settings["Internal__Key"] = InternalKey;
            foreach (var (name, value) in settings) service.Settings[name] = value;
        }

        Index.Settings["Index__Directory"] = _indexFolder;
        Api.Settings["Api__Key"] = Key;
        await Index.StartAsync();
        Api.Settings["services__memory-index__http__0"] = Reconciler.Settings["services__memory-index__http__0"] = Index.Address.ToString();
        await Task.WhenAll(Reconciler.StartAsync(), Api.StartAsync());
    }
}
