using System.Runtime.InteropServices;

namespace MemoryAspire.Faiss.Interop;

/// <summary>A number that a native loop looks at and a cancellation sets. Nothing at all when nobody can cancel.</summary>
internal sealed unsafe class StopSign : IDisposable
{
    private readonly CancellationTokenRegistration _registration;

    public StopSign(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!cancellationToken.CanBeCanceled) return;
        Address = (int*)NativeMemory.AllocZeroed(sizeof(int));
        _registration = cancellationToken.UnsafeRegister(static sign => Volatile.Write(ref *((StopSign)sign!).Address, 1), this);
    }

    public int* Address { get; }

    public void Dispose()
    {
        // Waits for a callback that is under way: it writes to what is freed next.
        _registration.Dispose();
        NativeMemory.Free(Address);
    }
}
