using System.Diagnostics;
using System.Globalization;

namespace Aspire.Hosting.Processes;

/// <summary>
/// A small shell that outlives this process and reads from it which process groups run. When this process ends without having
/// taken them back, even by SIGKILL, the pipe closes and the shell ends them.
/// </summary>
internal sealed class Guardian : IDisposable
{
    private const string Script = """
        trap '' INT TERM HUP
        exec >/dev/null 2>&1
        groups=''
        while read -r action pid signal; do
          kept=''
          for group in $groups; do [ "${group%%:*}" = "$pid" ] || kept="$kept $group"; done
          groups="$kept"
          [ "$action" = + ] && groups="$groups $pid:$signal"
        done
        for group in $groups; do kill -s "${group#*:}" -- "-${group%%:*}"; done
        for attempt in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
          alive=''
          for group in $groups; do kill -s 0 -- "-${group%%:*}" && alive=yes; done
          [ -n "$alive" ] || exit 0
          sleep 0.1
        done
        for group in $groups; do kill -s KILL -- "-${group%%:*}"; done
        """;

    private readonly Lock gate = new();
    private readonly Dictionary<int, string> groups = [];
    private Process? shell;
    private bool disposed;

    public void Watch(ChildProcess child, LaunchPlan plan)
    {
        lock (gate)
        {
            groups[child.Id] = plan.StopSignal == Signals.Interrupt ? "INT" : "TERM";
            Tell($"+ {child.Id.ToString(CultureInfo.InvariantCulture)} {groups[child.Id]}");
        }
    }

    public void Forget(ChildProcess child)
    {
        lock (gate)
        {
            if (groups.Remove(child.Id)) Tell($"- {child.Id.ToString(CultureInfo.InvariantCulture)}");
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            disposed = true;
            shell?.StandardInput.Dispose();
            shell?.Dispose();
            shell = null;
        }
    }

    private void Tell(string line)
    {
        if (disposed) return;
        try
        {
            if (shell is { HasExited: false })
            {
                shell.StandardInput.WriteLine(line);
                return;
            }
        }
        catch (IOException)
        {
            // The shell was killed between the question and the answer: the next one is told everything.
            shell = null;
        }

        StartShell();
        foreach (var (pid, signal) in groups) shell!.StandardInput.WriteLine($"+ {pid.ToString(CultureInfo.InvariantCulture)} {signal}");
    }

    private void StartShell()
    {
        var setsid = ProgramFinder.OnPath("setsid");
        var start = new ProcessStartInfo(setsid ?? "/bin/sh") { RedirectStandardInput = true, UseShellExecute = false, WorkingDirectory = "/" };
        if (setsid is not null) start.ArgumentList.Add("/bin/sh");
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(Script);
        shell = Process.Start(start) ?? throw new DistributedApplicationException("The guardian shell could not be started.");
        shell.StandardInput.AutoFlush = true;
    }
}
