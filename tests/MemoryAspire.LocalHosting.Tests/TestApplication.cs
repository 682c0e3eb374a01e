using Aspire.Hosting.Processes;

namespace MemoryAspire.LocalHosting.Tests;

/// <summary>An application of small processes, with a directory of its own for what they write.</summary>
public abstract class TestApplication : IDisposable
{
    private readonly CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

    /// <summary>A test that waits in vain fails.</summary>
    protected TestApplication() => patience.CancelAfter(TimeSpan.FromSeconds(90));

    protected string DirectoryPath { get; } = Directory.CreateTempSubdirectory("local-hosting-").FullName;

    protected IDistributedApplicationBuilder Builder { get; } = DistributedApplication.CreateBuilder(["--Hosting:ResourceLogs=false"]);

    protected CancellationToken Patience => patience.Token;

    private protected static string TestHostAssembly => typeof(Program).Assembly.Location;

    public void Dispose()
    {
        patience.Dispose();
        Directory.Delete(DirectoryPath, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected IResourceBuilder<ExecutableResource> AddShell(string name, string script) =>
        Builder.AddExecutable(name, "/bin/sh", DirectoryPath, "-c", script);

    /// <summary>A resource that is healthy while the file "well" is there.</summary>
    protected IResourceBuilder<ExecutableResource> AddServer(string name) =>
        Builder.AddExecutable(name, ProgramFinder.DotNet, DirectoryPath, "exec", TestHostAssembly, "serve")
            .WithHttpEndpoint(env: "PORT")
            .WithEnvironment("WELL", PathOf("well"))
            .WithHttpHealthCheck("/health");

    protected string PathOf(string file) => Path.Combine(DirectoryPath, file);

    protected async Task<string> TextOfAsync(string file)
    {
        await Poll.UntilAsync(() => File.Exists(PathOf(file)) && File.ReadAllText(PathOf(file)).EndsWith('\n'), $"{file} is written");
        return (await File.ReadAllTextAsync(PathOf(file), Patience)).Trim();
    }

    protected async Task<int> NumberInAsync(string file) =>
        int.Parse(await TextOfAsync(file), System.Globalization.CultureInfo.InvariantCulture);

    protected static string StateOf(DistributedApplication application, string name) =>
        application.ResourceNotifications.TryGetCurrentState(name, out var happened) ? happened.Snapshot.State!.Text : "";
}
