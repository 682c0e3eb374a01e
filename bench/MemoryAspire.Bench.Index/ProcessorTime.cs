using System.Runtime.InteropServices;

namespace MemoryAspire.Bench.Index;

/// <summary>The processor time of the calling thread: others on the machine count for less than by the clock.</summary>
internal static partial class ProcessorTime
{
    private const int ThreadClock = 3;

    public static double Seconds
    {
        get
        {
            if (GetTime(ThreadClock, out var time) != 0) throw new InvalidOperationException("There is no clock of threads.");
            return time.Seconds + (time.Nanoseconds * 1e-9);
        }
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out Time time);

    private struct Time
    {
        public long Seconds, Nanoseconds;
    }
}
