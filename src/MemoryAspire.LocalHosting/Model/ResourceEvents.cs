namespace Aspire.Hosting.ApplicationModel;

/// <summary>Before every start of a resource, after everything it waits for is there.</summary>
public class BeforeResourceStartedEvent(IResource resource, IServiceProvider services)
{
    public IResource Resource { get; } = resource;

    public IServiceProvider Services { get; } = services;
}

/// <summary>After a resource became healthy, once for every start; whoever waits for the resource waits for this too.</summary>
public class ResourceReadyEvent(IResource resource, IServiceProvider services)
{
    public IResource Resource { get; } = resource;

    public IServiceProvider Services { get; } = services;
}

internal sealed record EventCallbackAnnotation<TEvent>(Func<TEvent, CancellationToken, Task> Callback) : IResourceAnnotation;
