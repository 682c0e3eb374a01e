using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Health;
using Aspire.Hosting.Orchestration;
using Aspire.Hosting.Processes;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting;

internal sealed class DistributedApplicationBuilder : IDistributedApplicationBuilder
{
    /// <summary>Tells the application, by configuration, that containers cannot be run here.</summary>
    internal const string ContainersKey = "Hosting:Containers";

    private readonly HostApplicationBuilder host;
    private readonly EntryPointSession? session;

    public DistributedApplicationBuilder(string[] args, Assembly? appHostAssembly, EntryPointSession? session)
    {
        this.session = session;
        AppHostAssembly = appHostAssembly;
        AppHostDirectory = DirectoryOf(appHostAssembly);
        host = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings
        {
            Args = args,
            ApplicationName = appHostAssembly?.GetName().Name,
            ContentRootPath = AppHostDirectory,
        });
        host.Configuration.AddCommandLine(args, new Dictionary<string, string>
        {
            ["--operation"] = "AppHost:Operation",
            ["--publisher"] = "Publishing:Publisher",
        });
        RefuseToPublish();
        host.Configuration.AddInMemoryCollection([new(ContainersKey, "false")]);
        AddServices();
    }

    public Assembly? AppHostAssembly { get; }

    public string AppHostDirectory { get; }

    public ConfigurationManager Configuration => host.Configuration;

    public IHostEnvironment Environment => host.Environment;

    public DistributedApplicationExecutionContext ExecutionContext { get; } = new(DistributedApplicationOperation.Run);

    public IResourceCollection Resources { get; } = new ResourceCollection();

    public IServiceCollection Services => host.Services;

    public IResourceBuilder<T> AddResource<T>(T resource)
        where T : IResource
    {
        Resources.Add(resource);
        return CreateResourceBuilder(resource);
    }

    public IResourceBuilder<T> CreateResourceBuilder<T>(T resource)
        where T : IResource => new ResourceBuilder<T>(this, resource);

    public DistributedApplication Build()
    {
        session?.PauseBeforeBuild(this);
        var application = new DistributedApplication(host.Build(), session);
        session?.Built(application);
        return application;
    }

    private void AddServices()
    {
        var services = host.Services;
        services.AddSingleton(Resources).AddSingleton(ExecutionContext).AddSingleton<IDistributedApplicationBuilder>(this);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<ResourceNotificationService>().AddSingleton<ResourceConsole>()
            .AddSingleton(provider => new ResourceLoggerService(provider.GetRequiredService<ResourceConsole>()))
            .AddSingleton(provider => new ResourceCommandService(provider.GetRequiredService<Orchestrator>()));
        services.AddSingleton<Guardian>().AddSingleton<Launcher>().AddSingleton<Orchestrator>();
        services.AddHealthChecks();
        services.AddHostedService<HealthMonitor>();
        services.AddHostedService(provider => provider.GetRequiredService<Orchestrator>());
        services.Configure<HostOptions>(options =>
        {
            options.ShutdownTimeout = TimeSpan.FromSeconds(14);
            options.BackgroundServiceExceptionBehavior = BackgroundServiceExceptionBehavior.StopHost;
        });
        if (session is not null) services.AddSingleton<IHostLifetime, EntryPointLifetime>();
        host.Logging.ClearProviders();
        host.Logging.AddSimpleConsole(console => console.SingleLine = true);
        // That a resource is not healthy yet is no event; its state is published.
        host.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        host.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("System.Net.Http", LogLevel.Warning);
        if (session is not null) host.Logging.SetMinimumLevel(LogLevel.Warning);
    }

    private void RefuseToPublish()
    {
        if (host.Configuration["AppHost:Operation"] is "publish" || host.Configuration["Publishing:Publisher"] is not null)
            throw new DistributedApplicationException("Publishing needs the Aspire packages: build with -p:UseAspire=true.");
    }

    private static string DirectoryOf(Assembly? appHost) =>
        appHost?.GetTypes().FirstOrDefault(type => type is { Namespace: "Projects" } && type.Name == appHost.GetName().Name?.Replace('.', '_'))
            ?.GetProperty("ProjectPath", BindingFlags.Public | BindingFlags.Static)?.GetValue(null) as string is { } path && Directory.Exists(path)
            ? path
            : System.Environment.CurrentDirectory;
}
