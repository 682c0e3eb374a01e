using System.Runtime.InteropServices;

namespace MemoryAspire.TestStores.Processes;

internal static partial class Signal
{
    public const int Interrupt = 2;
    public const int Kill = 9;
    public const int Terminate = 15;

    /// <summary>Sends the signal; a process that is gone already is no error.</summary>
    public static void Send(int processId, int signal)
    {
        const int noSuchProcess = 3;
        if (SendSignal(processId, signal) == 0 || Marshal.GetLastPInvokeError() == noSuchProcess) return;
        throw new InvalidOperationException($"Signal {signal} could not be sent to process {processId}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int processId, int signal);
}
