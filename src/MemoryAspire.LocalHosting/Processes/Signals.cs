using System.Runtime.InteropServices;

namespace Aspire.Hosting.Processes;

/// <summary>Signals to whole process groups, so that what a child started ends with it.</summary>
internal static partial class Signals
{
    public const int Interrupt = 2;
    public const int Kill = 9;
    public const int Terminate = 15;

    public static void SendToGroup(int group, int signal)
    {
        // Group 0 and 1 would be ourselves and everybody. A group that is already gone is what we want.
        if (group > 1) _ = KillCore(-group, signal);
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int KillCore(int pid, int signal);
}
