using System.Diagnostics;
using MemoryAspire.AppHost.Stacks;

namespace MemoryAspire.AppHost.Tests;

/// <summary>A stack of native stores alone, on a data directory of its own.</summary>
public abstract class StackTest : IDisposable
{
    private readonly CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly TemporaryDirectory directory = new();

    /// <summary>A test that waits in vain fails.</summary>
    protected StackTest() => patience.CancelAfter(TimeSpan.FromSeconds(90));

    protected CancellationToken Patience => patience.Token;

    protected string DirectoryPath => directory.Path;

    public void Dispose()
    {
        patience.Dispose();
        directory.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected (IDistributedApplicationBuilder Builder, Stack Stack) NewStack()
    {
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions
        {
            Args = [$"--{DataDirectory.Variable}={DirectoryPath}", $"--{ApiPort.Variable}=0", "--Hosting:ResourceLogs=false", "--Logging:LogLevel:Default=Error"],
            AssemblyName = typeof(Stack).Assembly.GetName().Name,
            DisableDashboard = true,
        });
        return (builder, builder.AddStack());
    }

    protected async Task<int> RunningAsync(DistributedApplication application, string name, int other = 0)
    {
        var healthy = await application.ResourceNotifications.WaitForResourceAsync(
            name, e => PidOf(e) is { } pid && pid != other && e.Snapshot.HealthStatus == Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy, Patience);
        return PidOf(healthy)!.Value;
    }

    protected async Task<string> ConnectionStringAsync(DistributedApplication application, string name) =>
        await Aspire.Hosting.Testing.DistributedApplicationHostingTestingExtensions.GetConnectionStringAsync(application, name, Patience) ?? "";

    protected static void Kill(int pid)
    {
        using var process = Process.GetProcessById(pid);
        process.Kill();
    }

    private static int? PidOf(ResourceEvent happened) =>
        happened.Snapshot.Properties.FirstOrDefault(property => property.Name == "executable.pid")?.Value as int?;
}
