using System.Collections.Concurrent;
using System.Diagnostics;

namespace MemoryAspire.TestStores.Processes;

/// <summary>
/// Starts all children from one thread that lives as long as the process: Linux sends a child its
/// parent-death signal when the <em>thread</em> that started it ends, and pool threads come and go.
/// </summary>
internal static class Launcher
{
    private static readonly BlockingCollection<Action> Starts = [];

    static Launcher()
    {
        var thread = new Thread(Run) { IsBackground = true, Name = "store launcher" };
        thread.Start();
    }

    public static Task<Process> StartAsync(ProcessStartInfo info)
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        Starts.Add(() =>
        {
            try
            {
                started.SetResult(Process.Start(info)!);
            }
            catch (Exception exception)
            {
                started.SetException(exception);
            }
        });
        return started.Task;
    }

    private static void Run()
    {
        foreach (var start in Starts.GetConsumingEnumerable()) start();
    }
}
