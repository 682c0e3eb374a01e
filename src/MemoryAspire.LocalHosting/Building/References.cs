using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static partial class ResourceBuilderExtensions
{
    /// <summary>Gives the connection string as <c>ConnectionStrings__name</c>.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithConnectionString> source, string? connectionName = null, bool optional = false)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(source);
        var variable = source.Resource.ConnectionStringEnvironmentVariable ?? $"ConnectionStrings__{connectionName ?? source.Resource.Name}";
        return builder.WithAnnotation(new DependencyAnnotation(source.Resource))
            .WithEnvironment(context => context.EnvironmentVariables[variable] = source.Resource);
    }

    /// <summary>Gives every endpoint as <c>services__name__scheme__index</c>.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithServiceDiscovery> source)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(source);
        return builder.WithAnnotation(new DependencyAnnotation(source.Resource)).WithEnvironment(context =>
        {
            foreach (var endpoint in Endpoints(source.Resource))
                AddServiceAddress(context.EnvironmentVariables, new EndpointReference(source.Resource, endpoint.Name));
        });
    }

    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, EndpointReference endpointReference)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(endpointReference);
        return builder.WithAnnotation(new DependencyAnnotation(endpointReference.Resource))
            .WithEnvironment(context => AddServiceAddress(context.EnvironmentVariables, endpointReference));
    }

    public static IResourceBuilder<T> WithParentRelationship<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> parent)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(parent);
        return builder.WithAnnotation(new ParentAnnotation(parent.Resource));
    }

    public static IResourceBuilder<T> ExcludeFromManifest<T>(this IResourceBuilder<T> builder)
        where T : IResource => builder;

    private static void AddServiceAddress(Dictionary<string, object> variables, EndpointReference endpoint)
    {
        var prefix = $"services__{endpoint.Resource.Name}__{endpoint.EndpointName}__";
        variables[prefix + variables.Keys.Count(key => key.StartsWith(prefix, StringComparison.Ordinal))] = endpoint;
    }
}
