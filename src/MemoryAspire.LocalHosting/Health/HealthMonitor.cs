using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Health;

/// <summary>Asks every running resource how it is, and runs its ready callbacks when it is well for the first time of a run.</summary>
internal sealed class HealthMonitor(
    ResourceNotificationService notifications,
    HealthCheckService healthChecks,
    ResourceLoggerService loggers,
    IServiceProvider services,
    TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan UntilHealthy = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan WhileHealthy = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, Watched> watched = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var happened in notifications.WatchAsync(stoppingToken)) await FollowAsync(happened, stoppingToken);
        }
        finally
        {
            foreach (var one in watched.Values) await one.EndAsync();
        }
    }

    private async Task FollowAsync(ResourceEvent happened, CancellationToken stoppingToken)
    {
        var running = happened.Snapshot.State?.Text == KnownResourceStates.Running;
        if (watched.TryGetValue(happened.ResourceId, out var one))
        {
            if (running && one.Run == happened.Snapshot.Run) return;
            watched.Remove(happened.ResourceId);
            await one.EndAsync();
        }

        if (!running) return;
        var cancellation = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        watched[happened.ResourceId] = new(happened.Snapshot.Run, cancellation, WatchAsync(happened.Resource, happened.Snapshot.Run, cancellation.Token));
    }

    private async Task WatchAsync(IResource resource, int run, CancellationToken cancellationToken)
    {
        await Task.Yield();
        var keys = resource.Annotations.OfType<HealthCheckAnnotation>().Select(check => check.Key).ToHashSet();
        var ready = false;
        try
        {
            while (true)
            {
                var status = keys.Count == 0
                    ? HealthStatus.Healthy
                    : (await healthChecks.CheckHealthAsync(registration => keys.Contains(registration.Name), cancellationToken)).Status;
                if (status == HealthStatus.Healthy && !ready) ready = await MakeReadyAsync(resource, cancellationToken);
                await notifications.PublishUpdateAsync(resource, s => s.Run == run ? s with { HealthStatus = status, IsReady = s.IsReady || ready } : s);
                if (keys.Count == 0 && ready) return;
                await Task.Delay(status == HealthStatus.Healthy && ready ? WhileHealthy : UntilHealthy, time, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The run is over.
            return;
        }
    }

    private async Task<bool> MakeReadyAsync(IResource resource, CancellationToken cancellationToken)
    {
        try
        {
            await resource.PublishAsync(new ResourceReadyEvent(resource, services), cancellationToken);
            return true;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // Tried again with the next check: nobody who waits for this resource may start before it has worked.
            Log.ReadyFailed(loggers.GetLogger(resource), failure, resource.Name);
            return false;
        }
    }

    private sealed record Watched(int Run, CancellationTokenSource Cancellation, Task Task)
    {
        public async Task EndAsync()
        {
            await Cancellation.CancelAsync();
            await Task;
            Cancellation.Dispose();
        }
    }
}
