using System.Diagnostics;
using System.Globalization;
using MemoryAspire.AppHost.NativePrograms;
using MemoryAspire.AppHost.Stacks;
using MemoryAspire.AppHost.Supervision;

namespace MemoryAspire.AppHost.Commands;

/// <summary>Tells the host to stop and waits until it has; whatever a killed host left behind is ended too.</summary>
internal static class StopCommand
{
    private static readonly TimeSpan PatienceMax = TimeSpan.FromSeconds(20);

    public static int Run(string directory)
    {
        if (DataDirectoryLock.RunningHost(directory) is not { } host)
        {
            Leftovers.End(directory);
            Console.Out.WriteLine($"No stack runs on {directory}.");
            return 0;
        }

        Tool.Run("kill", "-s", "TERM", host.ToString(CultureInfo.InvariantCulture));
        var patience = Stopwatch.StartNew();
        using var never = new ManualResetEventSlim();
        while (DataDirectoryLock.RunningHost(directory) is not null)
        {
            if (patience.Elapsed > PatienceMax)
            {
                Console.Error.WriteLine($"The process {host} did not stop within {PatienceMax.TotalSeconds:0} s and is killed.");
                Tool.Run("kill", "-s", "KILL", host.ToString(CultureInfo.InvariantCulture));
                break;
            }

            never.Wait(TimeSpan.FromMilliseconds(50));
        }

        Leftovers.End(directory);
        Console.Out.WriteLine($"The stack on {directory} has stopped.");
        return 0;
    }
}
