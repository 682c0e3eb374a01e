using System.Reflection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>
/// One run of an application's own entry point by a test. The entry point pauses where it builds, so that the test may change
/// the application, and where it runs, until the test is done.
/// </summary>
internal sealed class EntryPointSession(Assembly assembly, string[] args)
{
    private static readonly AsyncLocal<EntryPointSession?> Ambient = new();

    private readonly TaskCompletionSource<DistributedApplicationBuilder> builder = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<DistributedApplication> application = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource building = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static EntryPointSession? Current => Ambient.Value;

    public Assembly Assembly { get; } = assembly;

    public Task<DistributedApplicationBuilder> StartAsync(CancellationToken cancellationToken)
    {
        var thread = new Thread(RunEntryPoint) { IsBackground = true, Name = "application entry point" };
        thread.Start();
        return builder.Task.WaitAsync(cancellationToken);
    }

    public Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken)
    {
        building.TrySetResult();
        return application.Task.WaitAsync(cancellationToken);
    }

    public void PauseBeforeBuild(DistributedApplicationBuilder paused)
    {
        builder.TrySetResult(paused);
        building.Task.GetAwaiter().GetResult();
    }

    public void Built(DistributedApplication built) => application.TrySetResult(built);

    public Task WaitUntilDisposedAsync() => disposed.Task;

    /// <summary>Lets the entry point return, and waits for it.</summary>
    public Task DisposedAsync()
    {
        building.TrySetCanceled();
        disposed.TrySetResult();
        return ended.Task;
    }

    private void RunEntryPoint()
    {
        Ambient.Value = this;
        try
        {
            var entryPoint = Assembly.EntryPoint ?? throw new InvalidOperationException($"{Assembly.GetName().Name} has no entry point.");
            var result = entryPoint.Invoke(null, entryPoint.GetParameters().Length == 0 ? null : [args]);
            Fail(new InvalidOperationException($"The entry point of {Assembly.GetName().Name} returned {result ?? 0} before it had built the application."));
        }
        catch (TargetInvocationException failure)
        {
            Fail(failure.InnerException ?? failure);
        }
        catch (InvalidOperationException failure)
        {
            Fail(failure);
        }
        finally
        {
            ended.TrySetResult();
        }
    }

    private void Fail(Exception failure)
    {
        builder.TrySetException(failure);
        application.TrySetException(failure);
    }
}

/// <summary>A test decides when the application ends, not the console.</summary>
internal sealed class EntryPointLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
