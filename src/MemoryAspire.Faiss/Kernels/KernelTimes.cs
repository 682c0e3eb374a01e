using MemoryAspire.Faiss.Interop;

namespace MemoryAspire.Faiss.Kernels;

/// <summary>How long distances take on this machine, beyond what its caches hold. Takes some milliseconds.</summary>
public static class KernelTimes
{
    /// <summary>Nanoseconds of a distance between vectors that come one after the other, and between codes at random places.</summary>
    public static (double Vectors, double Codes) Measure(int dimension)
    {
        Native.KernelTimes(dimension, out var vectors, out var codes).Check();
        return (vectors, codes);
    }
}
