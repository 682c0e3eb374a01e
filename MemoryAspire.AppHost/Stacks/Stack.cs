using MemoryAspire.AppHost.NativePrograms;
using MemoryAspire.AppHost.Supervision;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MemoryAspire.AppHost.Stacks;

/// <summary>What belongs to one running copy of the application: its data directory, its secrets and its ports.</summary>
internal sealed class Stack
{
    /// <summary>Tells the processes of a stack, by their environment, from all others.</summary>
    public const string Marker = "MEMORY_STACK";

    /// <summary>Tells the processes of one resource from the others of its stack.</summary>
    public const string ResourceMarker = "MEMORY_RESOURCE";

    private readonly IDistributedApplicationBuilder builder;
    private readonly string? directory;
    private readonly Secrets? secrets;

    private Stack(IDistributedApplicationBuilder builder)
    {
        this.builder = builder;
        if (builder.ExecutionContext.IsPublishMode)
        {
            UsesContainers = IndexRunsInContainer = true;
            return;
        }

        var configuration = builder.Configuration;
        DashboardPorts.Free(configuration);
        UsesContainers = ContainerEngine.IsUsable(configuration);
        IndexRunsInContainer = UsesContainers && !OperatingSystem.IsLinux();
        ApiPort = Stacks.ApiPort.Choose(configuration[Stacks.ApiPort.Variable]);
        directory = DataDirectory.Choose(configuration[DataDirectory.Variable]);
        DataDirectory.Prepare(directory);
        secrets = new(directory);
    }

    public bool UsesContainers { get; }

    public bool IndexRunsInContainer { get; }

    /// <summary>Null when publishing: then whoever deploys decides.</summary>
    public int? ApiPort { get; }

    public string Directory => directory ?? throw new InvalidOperationException("A published stack has no data directory here.");

    public static Stack Add(IDistributedApplicationBuilder builder)
    {
        var stack = new Stack(builder);
        if (builder.ExecutionContext.IsRunMode) stack.AddSupervision();
        return stack;
    }

    /// <summary>A secret that is configured (<c>Parameters__name</c>, or MEMORY_API_KEY), or else generated once and kept.</summary>
    public IResourceBuilder<ParameterResource> AddSecret(string name)
    {
        if (secrets is null) return builder.AddParameter(name, secret: true);
        var given = builder.Configuration[$"Parameters:{name}"] ?? (name == Secrets.ApiKey ? builder.Configuration[Secrets.ApiKeyVariable] : null);
        return builder.AddParameter(name, string.IsNullOrEmpty(given) ? secrets.GetOrCreate(name) : given, secret: true);
    }

    public string DirectoryOf(string part)
    {
        var path = Path.Combine(Directory, part);
        System.IO.Directory.CreateDirectory(path);
        return path;
    }

    /// <summary>Stacks beside each other must not share a volume; one deployment always means the same, wherever it is made from.</summary>
    public string Volume(string part) => directory is null ? $"memory-aspire-{part}" : $"memory-aspire-{DataDirectory.ShortHash(directory)}-{part}";

    public IResourceBuilder<T> Mark<T>(IResourceBuilder<T> resource)
        where T : IResourceWithEnvironment => directory is null
            ? resource
            : resource.WithEnvironment(Marker, directory).WithEnvironment(ResourceMarker, resource.Resource.Name);

    public void AnnounceWhenReady(IResourceBuilder<ProjectResource> api)
    {
        if (directory is null) return;
        var announced = 0;
        api.OnResourceReady(async (resource, _, cancellationToken) =>
        {
            if (Interlocked.Exchange(ref announced, 1) == 1) return;
            var key = builder.Resources.OfType<ParameterResource>().Single(parameter => parameter.Name == Secrets.ApiKey);
            Console.Out.WriteLine(Announcement.For(api.GetEndpoint("http").Url, await key.GetValueAsync(cancellationToken) ?? "", directory));
        });
    }

    private void AddSupervision()
    {
        var held = DataDirectoryLock.Take(Directory);
        Leftovers.End(Directory);
        builder.Services.TryAddSingleton(TimeProvider.System);
        // Registered by a factory, so that the container lets the lock go after everything has stopped.
        builder.Services.AddSingleton(_ => held);
        builder.Services.AddHostedService(services => ActivatorUtilities.CreateInstance<StackFileWriter>(services, Directory));
        builder.Services.AddHostedService(services => ActivatorUtilities.CreateInstance<Restarts>(services, Directory));
        // A dependency that died is started again: whoever waits for it goes on waiting.
        builder.Services.Configure<ResourceNotificationServiceOptions>(options => options.DefaultWaitBehavior = WaitBehavior.WaitOnResourceUnavailable);
    }
}

internal static class StackBuilderExtensions
{
    public static Stack AddStack(this IDistributedApplicationBuilder builder) => Stack.Add(builder);
}
