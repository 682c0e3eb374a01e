using System.ComponentModel;
using System.Diagnostics;

namespace Aspire.Hosting.Processes;

/// <summary>
/// One running process, leader of its own process group. It begins its work when it is released: if this process dies before,
/// it ends too, so that there is no moment at which it could be left behind.
/// </summary>
internal sealed class ChildProcess : IDisposable
{
    private const string WaitForRelease = "read -r released && exec \"$@\" </dev/null";

    private readonly Process process;
    private readonly TaskCompletionSource<int> exited = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ChildProcess(Process process) => this.process = process;

    public int Id { get; private set; }

    /// <summary>The exit code. Does not wait for the output: a process left behind by the child may hold it open.</summary>
    public Task<int> Exited => exited.Task;

    public static ChildProcess Start(LaunchPlan plan, Action<string> writeLine)
    {
        var command = ProgramFinder.OnPath(plan.Command)
            ?? throw new DistributedApplicationException($"The program '{plan.Command}' was not found.");
        if (!Directory.Exists(plan.WorkingDirectory))
            throw new DistributedApplicationException($"The working directory '{plan.WorkingDirectory}' does not exist.");
        var child = new ChildProcess(new Process { StartInfo = InOwnGroup(command, plan), EnableRaisingEvents = true });
        child.process.Exited += child.OnExited;
        try
        {
            child.process.Start();
        }
        catch (Win32Exception failure)
        {
            child.Dispose();
            throw new DistributedApplicationException($"'{command}' could not be started: {failure.Message}", failure);
        }

        child.Id = child.process.Id;
        _ = CopyAsync(child.process.StandardOutput, writeLine);
        _ = CopyAsync(child.process.StandardError, writeLine);
        return child;
    }

    public void Release()
    {
        try
        {
            process.StandardInput.WriteLine();
            process.StandardInput.Dispose();
        }
        catch (IOException)
        {
            // It was killed while it waited, which its exit will show.
            return;
        }
    }

    public void Signal(int signal) => Signals.SendToGroup(Id, signal);

    public void Dispose() => process.Dispose();

    private static ProcessStartInfo InOwnGroup(string command, LaunchPlan plan)
    {
        // Each of these replaces itself by the next, so that the process id is the program's own.
        var start = ProgramFinder.OnPath("setsid") is { } setsid
            ? new ProcessStartInfo(setsid)
            : new ProcessStartInfo("perl") { ArgumentList = { "-e", "use POSIX; POSIX::setsid(); exec { $ARGV[0] } @ARGV or die $!" } };
        foreach (var word in new[] { "/bin/sh", "-c", WaitForRelease, "sh", "env" }) start.ArgumentList.Add(word);
        foreach (var (name, value) in plan.Environment.Where(variable => !IsShellName(variable.Key))) start.ArgumentList.Add($"{name}={value}");
        start.ArgumentList.Add(command);
        foreach (var argument in plan.Arguments) start.ArgumentList.Add(argument);
        start.WorkingDirectory = plan.WorkingDirectory;
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.UseShellExecute = false;
        start.Environment.Clear();
        foreach (var (name, value) in plan.Environment) start.Environment[name] = value;
        return start;
    }

    /// <summary>
    /// A POSIX shell may drop a variable that it could not name itself, such as the address of a resource with a dash; env
    /// gives those to the program.
    /// </summary>
    private static bool IsShellName(string name) => !char.IsAsciiDigit(name[0]) && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_');

    private static async Task CopyAsync(StreamReader reader, Action<string> writeLine)
    {
        try
        {
            while (await reader.ReadLineAsync() is { } line) writeLine(line);
        }
        catch (Exception ended) when (ended is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The pipe was closed while it was read: the process and its output are over.
            return;
        }
    }

    private void OnExited(object? sender, EventArgs e)
    {
        var exitCode = process.ExitCode;
        // What the child started and left behind goes with it.
        Signal(Signals.Kill);
        exited.TrySetResult(exitCode);
    }
}
