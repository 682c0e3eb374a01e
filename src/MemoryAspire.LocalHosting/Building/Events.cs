using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static class DistributedApplicationEventingExtensions
{
    public static IResourceBuilder<T> OnBeforeResourceStarted<T>(
        this IResourceBuilder<T> builder, Func<T, BeforeResourceStartedEvent, CancellationToken, Task> callback)
        where T : IResource => builder.WithAnnotation(new EventCallbackAnnotation<BeforeResourceStartedEvent>(
            (happened, cancellationToken) => callback(builder.Resource, happened, cancellationToken)));

    public static IResourceBuilder<T> OnResourceReady<T>(
        this IResourceBuilder<T> builder, Func<T, ResourceReadyEvent, CancellationToken, Task> callback)
        where T : IResource => builder.WithAnnotation(new EventCallbackAnnotation<ResourceReadyEvent>(
            (happened, cancellationToken) => callback(builder.Resource, happened, cancellationToken)));

    internal static async Task PublishAsync<TEvent>(this IResource resource, TEvent happened, CancellationToken cancellationToken)
    {
        foreach (var annotation in resource.Annotations.OfType<EventCallbackAnnotation<TEvent>>().ToArray())
            await annotation.Callback(happened, cancellationToken);
    }
}
