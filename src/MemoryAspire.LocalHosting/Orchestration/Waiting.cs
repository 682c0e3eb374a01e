using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Orchestration;

internal static class Waiting
{
    /// <summary>Waits until everything the resource waits for is there. A dependency that died is waited for: it is started again.</summary>
    public static async Task WaitForDependenciesAsync(this ResourceNotificationService notifications, IResource resource, CancellationToken cancellationToken)
    {
        var waits = resource.Annotations.OfType<WaitAnnotation>().ToArray();
        if (waits.Length == 0) return;
        await notifications.PublishUpdateAsync(resource, s => s with { State = KnownResourceStates.Waiting });
        await Task.WhenAll(waits.Select(wait => notifications.WaitForResourceAsync(wait.Resource.Name, e => IsMet(wait, e.Snapshot), cancellationToken)));
    }

    private static bool IsMet(WaitAnnotation wait, CustomResourceSnapshot snapshot) => wait.WaitType switch
    {
        WaitType.UntilHealthy => snapshot is { HealthStatus: HealthStatus.Healthy, IsReady: true },
        WaitType.UntilStarted => snapshot.State?.Text == KnownResourceStates.Running,
        WaitType.UntilCompleted => ResourceNotificationService.IsOver(snapshot) && snapshot.ExitCode == wait.ExitCode,
        _ => throw new InvalidOperationException($"Unknown wait {wait.WaitType}."),
    };
}
