using System.Diagnostics;
using System.Net.Http.Headers;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MemoryAspire.EndToEnd.Tests;

/// <summary>The stack as the AppHost describes it, on a data directory and ports of its own.</summary>
internal sealed class WholeStack : IAsyncDisposable
{
    public static readonly string[] Resources = ["postgres", "redis", "memory-index", "memory-api", "reconciler"];

    private readonly CancellationTokenSource _patience;
    private DistributedApplication? _application;

    private WholeStack(string directory)
    {
        Directory = directory;
        _patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        _patience.CancelAfter(TimeSpan.FromMinutes(3));
    }

    public string Directory { get; }

    /// <summary>A test that waits in vain fails after 3 minutes.</summary>
    public CancellationToken Patience => _patience.Token;

    public HttpClient Client { get; private set; } = null!;

    private DistributedApplication Application => _application ?? throw new InvalidOperationException("The stack is not started.");

    /// <summary>Starts a stack, and returns when all of it is healthy.</summary>
    public static async Task<WholeStack> StartAsync()
    {
        var directory = System.IO.Directory.CreateTempSubdirectory("memory-stack-").FullName;

        // PostgreSQL runs as another user than root, and must be able to reach its data.
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        var stack = new WholeStack(directory);
        try
        {
            await stack.StartAgainAsync();
            return stack;
        }
        catch
        {
            await stack.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the stack on what an earlier one left in the directory.</summary>
    public async Task StartAgainAsync()
    {
        // Without containers: the tests kill processes by their ids.
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.MemoryAspire_AppHost>(
            [$"--MEMORY_DATA_DIR={Directory}", "--MEMORY_API_PORT=0", "--Hosting:Containers=false", "--Logging:LogLevel:Default=Warning"], Patience);
        _application = await builder.BuildAsync(Patience);
        await _application.StartAsync(Patience);
        foreach (var resource in Resources) await RunningAsync(resource);
        Client = await NewClientAsync();
        await UntilInStepAsync();
    }

    public async Task StopAsync()
    {
        if (_application is null) return;
        Client?.Dispose();
        await _application.DisposeAsync();
        _application = null;
    }

    /// <summary>Waits until a resource is healthy, in another process than the one given, and returns its process id.</summary>
    public async Task<int> RunningAsync(string resource, int other = 0)
    {
        var running = await Application.ResourceNotifications.WaitForResourceAsync(
            resource, found => ProcessOf(found) is { } id && id != other && found.Snapshot.HealthStatus == HealthStatus.Healthy, Patience);
        return ProcessOf(running) ?? throw new InvalidOperationException($"{resource} has no process.");
    }

    public async Task RestartAsync(string resource)
    {
        var before = await RunningAsync(resource);
        var result = await Application.ResourceCommands.ExecuteCommandAsync(resource, KnownResourceCommands.RestartCommand, Patience);
        Assert.True(result.Success, $"{resource} was not restarted.");
        await RunningAsync(resource, other: before);
    }

    /// <summary>Sends SIGKILL to a resource's process, and returns its id.</summary>
    public async Task<int> KillAsync(string resource)
    {
        var id = await RunningAsync(resource);
        using var process = Process.GetProcessById(id);
        process.Kill();
        return id;
    }

    public async Task<string> ConnectionStringAsync(string resource) =>
        await Application.GetConnectionStringAsync(resource, Patience) ?? throw new InvalidOperationException($"{resource} has no connection string.");

    /// <summary>Waits until every tier has everything: no positions behind, and as many memories in the index as in PostgreSQL.</summary>
    public async Task UntilInStepAsync()
    {
        while (!await Tiers.AreInStepAsync(Client, await ConnectionStringAsync("memorydb"), Patience)) await Task.Delay(100, Patience);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _patience.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private async Task<HttpClient> NewClientAsync()
    {
        var client = Application.CreateHttpClient("memory-api", "http");
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(Path.Combine(Directory, "api-key"), Patience)).Trim());
        return client;
    }

    private static int? ProcessOf(ResourceEvent found) =>
        found.Snapshot.Properties.FirstOrDefault(property => property.Name == "executable.pid")?.Value as int?;
}
