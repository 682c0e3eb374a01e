using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Keeps the newest snapshot of every resource, and tells whoever watches of every change, in order.</summary>
public class ResourceNotificationService(IOptions<ResourceNotificationServiceOptions> options)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, ResourceEvent> current = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<ChannelWriter<ResourceEvent>> watchers = [];

    public Task PublishUpdateAsync(IResource resource, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        ArgumentNullException.ThrowIfNull(resource);
        ArgumentNullException.ThrowIfNull(stateFactory);
        lock (gate)
        {
            var before = current.TryGetValue(resource.Name, out var known) ? known.Snapshot : Blank(resource);
            var after = Consistent(resource, before, stateFactory(before));
            if (known is not null && after == before) return Task.CompletedTask;
            var happened = current[resource.Name] = new ResourceEvent(resource, resource.Name, after);
            foreach (var watcher in watchers) watcher.TryWrite(happened);
        }

        return Task.CompletedTask;
    }

    public bool TryGetCurrentState(string resourceId, [NotNullWhen(true)] out ResourceEvent? resourceEvent)
    {
        lock (gate) return current.TryGetValue(resourceId, out resourceEvent);
    }

    /// <summary>The present state of every resource, and then every change.</summary>
    public async IAsyncEnumerable<ResourceEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var channel = Channel.CreateUnbounded<ResourceEvent>(new() { SingleReader = true });
        lock (gate)
        {
            foreach (var happened in current.Values) channel.Writer.TryWrite(happened);
            watchers.Add(channel.Writer);
        }

        try
        {
            await foreach (var happened in channel.Reader.ReadAllAsync(cancellationToken)) yield return happened;
        }
        finally
        {
            lock (gate) watchers.Remove(channel.Writer);
        }
    }

    public async Task<ResourceEvent> WaitForResourceAsync(string resourceName, Func<ResourceEvent, bool> predicate, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        await foreach (var happened in WatchAsync(cancellationToken))
        {
            if (string.Equals(happened.Resource.Name, resourceName, StringComparison.OrdinalIgnoreCase) && predicate(happened)) return happened;
        }

        throw new OperationCanceledException($"Waiting for the resource '{resourceName}' was given up.", cancellationToken);
    }

    public async Task WaitForResourceAsync(string resourceName, string? targetState = null, CancellationToken cancellationToken = default) =>
        await WaitForResourceAsync(resourceName, [targetState ?? KnownResourceStates.Running], cancellationToken);

    public async Task<string> WaitForResourceAsync(string resourceName, IEnumerable<string> targetStates, CancellationToken cancellationToken = default)
    {
        var states = targetStates.ToHashSet(StringComparer.OrdinalIgnoreCase);
        var happened = await WaitForResourceAsync(resourceName, e => e.Snapshot.State is { } state && states.Contains(state.Text), cancellationToken);
        return happened.Snapshot.State!.Text;
    }

    public Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, CancellationToken cancellationToken = default) =>
        WaitForResourceHealthyAsync(resourceName, options.Value.DefaultWaitBehavior, cancellationToken);

    /// <summary>Returns when the resource is healthy and its ready callbacks have run.</summary>
    public async Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, WaitBehavior waitBehavior, CancellationToken cancellationToken = default)
    {
        var happened = await WaitForResourceAsync(
            resourceName,
            e => e.Snapshot is { HealthStatus: HealthStatus.Healthy, IsReady: true }
                || (waitBehavior == WaitBehavior.StopOnResourceUnavailable && IsOver(e.Snapshot)),
            cancellationToken);
        return happened.Snapshot.HealthStatus == HealthStatus.Healthy
            ? happened
            : throw new DistributedApplicationException($"The resource '{resourceName}' ended before it was healthy: {happened.Snapshot.State?.Text}.");
    }

    internal static bool IsOver(CustomResourceSnapshot snapshot) =>
        snapshot.State is { } state && KnownResourceStates.TerminalStates.Contains(state.Text);

    private static CustomResourceSnapshot Blank(IResource resource) => new()
    {
        ResourceType = resource switch
        {
            ProjectResource => "Project",
            ExecutableResource => "Executable",
            ContainerResource => "Container",
            ParameterResource => "Parameter",
            _ => resource.GetType().Name,
        },
        Properties = [],
        State = KnownResourceStates.NotStarted,
    };

    /// <summary>Only what runs can be healthy or ready, and every run begins anew.</summary>
    private static CustomResourceSnapshot Consistent(IResource resource, CustomResourceSnapshot before, CustomResourceSnapshot after)
    {
        if (after.State?.Text != KnownResourceStates.Running) return after with { HealthStatus = null, IsReady = false };
        if (before.State?.Text == KnownResourceStates.Running) return after;
        var hasChecks = resource.Annotations.OfType<HealthCheckAnnotation>().Any();
        return after with { Run = before.Run + 1, IsReady = false, HealthStatus = hasChecks ? HealthStatus.Unhealthy : HealthStatus.Healthy };
    }
}
