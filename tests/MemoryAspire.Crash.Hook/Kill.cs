using System.Runtime.InteropServices;

namespace MemoryAspire.Crash.Hook;

internal static partial class Kill
{
    /// <summary>SIGKILL; a process that is gone already is no error.</summary>
    public static void Send(int process)
    {
        const int sigkill = 9;
        const int noSuchProcess = 3;
        if (SendSignal(process, sigkill) == 0 || Marshal.GetLastPInvokeError() == noSuchProcess) return;
        throw new InvalidOperationException($"Process {process} could not be killed: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int process, int signal);
}
