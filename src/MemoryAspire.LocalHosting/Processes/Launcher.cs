namespace Aspire.Hosting.Processes;

/// <summary>Starts processes so that each is watched by the guardian from its first moment to its last.</summary>
internal sealed class Launcher(Guardian guardian, ResourceConsole console)
{
    public ChildProcess Start(string name, LaunchPlan plan)
    {
        var child = ChildProcess.Start(plan, line => console.WriteLine(name, line));
        guardian.Watch(child, plan);
        child.Release();
        _ = child.Exited.ContinueWith(_ => guardian.Forget(child), TaskScheduler.Default);
        return child;
    }
}
