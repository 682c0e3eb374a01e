using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

public class DistributedApplication : IHost, IAsyncDisposable
{
    private readonly IHost host;
    private readonly EntryPointSession? session;
    private int disposed;
    private int stopped;

    internal DistributedApplication(IHost host, EntryPointSession? session)
    {
        this.host = host;
        this.session = session;
    }

    public IServiceProvider Services => host.Services;

    public ResourceNotificationService ResourceNotifications => Services.GetRequiredService<ResourceNotificationService>();

    public ResourceCommandService ResourceCommands => Services.GetRequiredService<ResourceCommandService>();

    public static IDistributedApplicationBuilder CreateBuilder() => CreateBuilder([]);

    public static IDistributedApplicationBuilder CreateBuilder(string[] args)
    {
        var session = EntryPointSession.Current;
        return new DistributedApplicationBuilder(args, session?.Assembly ?? Assembly.GetEntryAssembly(), session);
    }

    public static IDistributedApplicationBuilder CreateBuilder(DistributedApplicationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var assembly = options.AssemblyName is { } name ? Assembly.Load(name) : Assembly.GetEntryAssembly();
        return new DistributedApplicationBuilder(options.Args ?? [], assembly, EntryPointSession.Current);
    }

    public void Run() => RunAsync().GetAwaiter().GetResult();

    public virtual async Task RunAsync(CancellationToken cancellationToken = default)
    {
        if (session is not null)
        {
            // The test that runs this entry point starts and stops the application itself.
            await session.WaitUntilDisposedAsync();
            return;
        }

        await using (this)
        {
            await StartAsync(cancellationToken);
            await host.WaitForShutdownAsync(cancellationToken);
            stopped = 1;
        }
    }

    public virtual Task StartAsync(CancellationToken cancellationToken = default) => host.StartAsync(cancellationToken);

    public virtual Task StopAsync(CancellationToken cancellationToken = default) =>
        Interlocked.Exchange(ref stopped, 1) == 0 ? host.StopAsync(cancellationToken) : Task.CompletedTask;

    public virtual void Dispose()
    {
        DisposeAsync().AsTask().GetAwaiter().GetResult();
        GC.SuppressFinalize(this);
    }

    public virtual async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 1) return;
        try
        {
            // Also when it was never stopped, or its start failed half way: what runs ends in order.
            await StopAsync();
        }
        finally
        {
            await ((IAsyncDisposable)host).DisposeAsync();
            if (session is not null) await session.DisposedAsync();
            GC.SuppressFinalize(this);
        }
    }
}
