using System.Runtime.InteropServices;
using MemoryAspire.Faiss.Interop;

namespace MemoryAspire.Faiss.Kernels;

/// <summary>
/// Vectors as eight-bit codes, by which links are made and walked, and the inner products of codes this machine's processor can
/// run, best first; the last one is plain C++. All give the same number.
/// </summary>
public static class CodeKernels
{
    public static IReadOnlyList<string> Names { get; } = [.. Enumerable.Range(0, Native.CodeKernels()).Select(Name)];

    /// <summary>The inner products of a code, of parts -127..127, and of as many others of its length as there is room for.</summary>
    public static void Dots(int kernel, ReadOnlySpan<sbyte> query, ReadOnlySpan<sbyte> codes, Span<int> dots)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(codes.Length, query.Length * dots.Length);
        if (query.IsEmpty || dots.IsEmpty) return;
        Native.CodeKernelDots(kernel, query, codes, dots.Length, query.Length, dots).Check();
    }

    /// <summary>A vector's code; returns its scale. The products of two codes and both scales are cosines, nearly.</summary>
    public static float Encode(ReadOnlySpan<float> vector, Span<sbyte> codes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(codes.Length, vector.Length);
        Native.Encode(vector, vector.Length, codes, out var scale).Check();
        return scale;
    }

    private static unsafe string Name(int kernel) => Marshal.PtrToStringUTF8((nint)Native.CodeKernelName(kernel)) ?? "";
}
