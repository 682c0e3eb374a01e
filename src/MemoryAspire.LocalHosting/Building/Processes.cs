using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static class ExecutableResourceBuilderExtensions
{
    public static IResourceBuilder<ExecutableResource> AddExecutable(
        this IDistributedApplicationBuilder builder, string name, string command, string workingDirectory, params string[]? args)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddResource(new ExecutableResource(name, command, workingDirectory)).WithArgs(args ?? []);
    }
}

public static class ProjectResourceBuilderExtensions
{
    /// <summary>A project of this solution, run from what the build made of it.</summary>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, string name)
        where TProject : IProjectMetadata, new() => builder.AddProject<TProject>(name, launchProfileName: null);

    /// <summary>The same. Launch profiles are never used here.</summary>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, string name, string? launchProfileName)
        where TProject : IProjectMetadata, new()
    {
        ArgumentNullException.ThrowIfNull(builder);
        var project = builder.AddResource(new ProjectResource(name)).WithAnnotation(new TProject());
        return project.WithEnvironment(context => context.EnvironmentVariables.TryAdd("ASPNETCORE_URLS", new ListenUrls(project.Resource)));
    }

    /// <summary>Every address the project listens at, in the form ASP.NET Core reads.</summary>
    private sealed class ListenUrls(IResource resource) : IValueProvider
    {
        public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => new(string.Join(';',
            resource.Annotations.OfType<EndpointAnnotation>()
                .Where(endpoint => endpoint is { UriScheme: "http", AllocatedEndpoint: not null })
                .Select(endpoint => endpoint.AllocatedEndpoint!.UriString)));
    }
}
