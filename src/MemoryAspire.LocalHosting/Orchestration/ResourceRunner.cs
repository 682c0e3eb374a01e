using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Processes;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Orchestration;

/// <summary>Runs the process of one resource: waits, starts, watches and stops it, and says so at every step.</summary>
internal sealed class ResourceRunner(
    IResource resource,
    ResourceNotificationService notifications,
    LaunchPlanner planner,
    Launcher launcher,
    ILogger logger,
    IServiceProvider services,
    TimeProvider time) : IDisposable
{
    /// <summary>How long a process may take to end by itself; three layers of them fit into the fifteen seconds of a stop.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(4);

    private readonly Lock gate = new();
    private CancellationTokenSource? starting;
    private Task run = Task.CompletedTask;

    public IResource Resource => resource;

    /// <summary>Starts the resource unless it is already starting or running.</summary>
    public void Start()
    {
        lock (gate)
        {
            if (!run.IsCompleted) return;
            starting?.Dispose();
            starting = new CancellationTokenSource();
            var cancellationToken = starting.Token;
            run = Task.Run(() => RunAsync(cancellationToken), CancellationToken.None);
        }
    }

    /// <summary>Returns when the process has ended.</summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            starting?.Cancel();
            return run.WaitAsync(cancellationToken);
        }
    }

    public void Dispose() => starting?.Dispose();

    private async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            await PublishAsync(s => s with { State = KnownResourceStates.Starting, ExitCode = null });
            await notifications.WaitForDependenciesAsync(resource, stopping);
            await PublishAsync(s => s with { State = KnownResourceStates.Starting });
            await resource.PublishAsync(new BeforeResourceStartedEvent(resource, services), stopping);
            var plan = await planner.PlanAsync(resource, stopping);
            using var child = launcher.Start(resource.Name, plan);
            Log.Started(logger, child.Id);
            await PublishAsync(s => Running(s, child.Id));
            await WatchAsync(child, plan, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await PublishAsync(s => s with { State = KnownResourceStates.Stopping });
            await PublishAsync(s => s with { State = KnownResourceStates.Finished });
        }
        catch (Exception failure)
        {
            Log.FailedToStart(logger, failure);
            await PublishAsync(s => s with { State = KnownResourceStates.FailedToStart });
        }
    }

    private async Task WatchAsync(ChildProcess child, LaunchPlan plan, CancellationToken stopping)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = stopping.Register(() => stopped.TrySetResult());
        await Task.WhenAny(child.Exited, stopped.Task);
        if (!child.Exited.IsCompleted)
        {
            await PublishAsync(s => s with { State = KnownResourceStates.Stopping });
            await EndAsync(child, plan);
        }

        var exitCode = await child.Exited;
        if (stopping.IsCancellationRequested) Log.Stopped(logger);
        else Log.EndedByItself(logger, exitCode);
        await PublishAsync(s => s with
        {
            State = KnownResourceStates.Finished,
            ExitCode = exitCode,
            StopTimeStamp = time.GetUtcNow().UtcDateTime,
            Properties = [new("executable.pid", null)],
        });
    }

    private async Task EndAsync(ChildProcess child, LaunchPlan plan)
    {
        child.Signal(plan.StopSignal);
        try
        {
            await child.Exited.WaitAsync(Grace, time);
        }
        catch (TimeoutException)
        {
            Log.Killed(logger, Grace);
            child.Signal(Signals.Kill);
            await child.Exited;
        }
    }

    private CustomResourceSnapshot Running(CustomResourceSnapshot snapshot, int processId) => snapshot with
    {
        State = KnownResourceStates.Running,
        StartTimeStamp = time.GetUtcNow().UtcDateTime,
        StopTimeStamp = null,
        Properties = [new("executable.pid", processId)],
        Urls = [.. ResourceBuilderExtensions.Endpoints(resource).Select(e => new UrlSnapshot(e.Name, e.AllocatedEndpoint!.UriString, IsInternal: !e.IsExternal))],
    };

    private Task PublishAsync(Func<CustomResourceSnapshot, CustomResourceSnapshot> change) => notifications.PublishUpdateAsync(resource, change);
}
