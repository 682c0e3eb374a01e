extern alias IndexService;
extern alias Reconciler;

using System.Net.Http.Headers;
using MemoryAspire.TestStores;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;

namespace MemoryAspire.Api.Tests;

/// <summary>
/// The three services in this process, on real stores and real sockets; each part can be stopped and started.
/// Tests that only read and write share one; tests that break something start their own.
/// </summary>
public sealed class Stack : IAsyncLifetime
{
    public const string Key = "test-key-0123456789abcdef";

    private const string InternalKey = "internal-key-0123456789abcdef-0123456789";

    private readonly string _indexDirectory = Directory.CreateTempSubdirectory("memory-index-").FullName;
    private WebApplicationFactory<IndexService::Program>? _index;
    private WebApplicationFactory<Reconciler::Program>? _reconciler;
    private WebApplicationFactory<Program>? _api;
    private string _database = "";
    private string _indexAddress = "";

    /// <summary>Settings of every service, beside those that they need; for a stack of one's own.</summary>
    public Dictionary<string, string> Settings { get; } = [];

    public string IndexDirectory => _indexDirectory;

    public PostgresServer Postgres { get; private set; } = null!;

    public RedisServer Redis { get; private set; } = null!;

    public HttpClient Client { get; private set; } = null!;

    public string Database => _database;

    public Uri ReconcilerAddress => _reconciler!.ClientOptions.BaseAddress;

    public async ValueTask InitializeAsync()
    {
        var starting = RedisServer.StartAsync();
        Postgres = await PostgresServer.StartAsync(new PostgresServerOptions { Fsync = false });
        Redis = await starting;
        _database = await Postgres.CreateDatabaseAsync();
        StartIndex();
        _reconciler = new WebApplicationFactory<Reconciler::Program>().WithWebHostBuilder(Configure);
        _reconciler.UseKestrel(0);
        _reconciler.StartServer();
        _api = new WebApplicationFactory<Program>().WithWebHostBuilder(Configure);
        _api.UseKestrel(0);
        _api.StartServer();
        Client = NewClient();
        Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Key);
        await Until.TrueAsync(async () => (await Client.ReadAsync("/health", null)).Body.GetProperty("status").GetString() == "Healthy");
    }

    /// <summary>A client without a key.</summary>
    public HttpClient NewClient() => new() { BaseAddress = _api!.ClientOptions.BaseAddress };

    /// <summary>Another process's worth of the API on the same stores, with settings of its own.</summary>
    public async Task<WebApplicationFactory<Program>> StartApiAsync(params (string Name, string Value)[] settings)
    {
        var api = new WebApplicationFactory<Program>().WithWebHostBuilder(host =>
        {
            Configure(host);
            foreach (var (name, value) in settings) host.UseSetting(name, value);
        });
        api.UseKestrel(0);
        api.StartServer();
        using var client = new HttpClient { BaseAddress = api.ClientOptions.BaseAddress };
        await Until.TrueAsync(async () => (await client.ReadAsync("/health", null)).Body.GetProperty("status").GetString() == "Healthy");
        return api;
    }

    /// <summary>Starts the index, on the port it had.</summary>
    public void StartIndex()
    {
        var address = _indexAddress.Length == 0 ? "http://127.0.0.1:0" : _indexAddress;
        _index = new WebApplicationFactory<IndexService::Program>().WithWebHostBuilder(host =>
        {
            Configure(host);
            host.UseSetting("urls", address);
        });
        _index.UseKestrel();
        _index.StartServer();
        _indexAddress = _index.ClientOptions.BaseAddress.ToString();
    }

    public async Task StopIndexAsync()
    {
        await _index!.DisposeAsync();
        _index = null;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (_api is not null) await _api.DisposeAsync();
        if (_reconciler is not null) await _reconciler.DisposeAsync();
        if (_index is not null) await _index.DisposeAsync();
        await Redis.DisposeAsync();
        await Postgres.DisposeAsync();
        Directory.Delete(_indexDirectory, recursive: true);
    }

    private void Configure(IWebHostBuilder host)
    {
        host.UseSetting("ConnectionStrings:memorydb", _database);
        host.UseSetting("ConnectionStrings:redis", Redis.ConnectionString);
        host.UseSetting("Api:Key", Key);
        host.UseSetting("Internal:Key", InternalKey);
        host.UseSetting("Index:Directory", _indexDirectory);
        host.UseSetting("services:memory-index:http:0", _indexAddress);
        host.UseSetting("Logging:LogLevel:Default", "Warning");

        // What a tier answers must not depend on how busy the machine is.
        host.UseSetting("Writes:PrepareMax", "00:00:05");
        host.UseSetting("Resilience:Redis:Timeout", "00:00:10");
        host.UseSetting("Resilience:Index:Timeout", "00:00:10");
        foreach (var (name, value) in Settings) host.UseSetting(name, value);
    }
}
