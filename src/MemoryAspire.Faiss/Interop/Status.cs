using System.Runtime.InteropServices;

namespace MemoryAspire.Faiss.Interop;

internal enum Status
{
    Ok = 0,
    Invalid = 1,
    Full = 2,
    Memory = 3,
    Internal = 4,
    Stopped = 5,
}

internal static class Statuses
{
    /// <summary>Turns a failure into the exception that names it. Call on the thread that made the call.</summary>
    public static void Check(this Status status)
    {
        if (status != Status.Ok) Throw(status);
    }

    private static unsafe void Throw(Status status)
    {
        var message = Marshal.PtrToStringUTF8((nint)Native.Error()) ?? "";
        throw status switch
        {
            Status.Invalid => new ArgumentException(message),
            Status.Full => new CapacityExceededException(message),
            Status.Stopped => new OperationCanceledException(message),
            Status.Memory => new InsufficientMemoryException(message),
            _ => new InvalidOperationException(message),
        };
    }
}
