using System.Runtime.InteropServices;
using MemoryAspire.Faiss.Interop;

namespace MemoryAspire.Faiss.Kernels;

/// <summary>The inner products this machine's processor can run, best first; the last one is plain C++.</summary>
public static class DistanceKernels
{
    public static IReadOnlyList<string> Names { get; } = [.. Enumerable.Range(0, Native.Kernels()).Select(Name)];

    public static float Dot(int kernel, ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(left.Length, right.Length);
        if (left.IsEmpty) return 0;
        Native.KernelDot(kernel, left, right, left.Length, out var dot).Check();
        return dot;
    }

    private static unsafe string Name(int kernel) => Marshal.PtrToStringUTF8((nint)Native.KernelName(kernel)) ?? "";
}
