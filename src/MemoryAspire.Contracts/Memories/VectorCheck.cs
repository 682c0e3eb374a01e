using System.Runtime.InteropServices;

namespace MemoryAspire.Contracts.Memories;

/// <summary>Whether bytes are a vector that can be compared.</summary>
public static class VectorCheck
{
    /// <summary>What is wrong; null when nothing is.</summary>
    public static string? Problem(ReadOnlySpan<byte> vector, int dimension)
    {
        if (vector.Length != (long)dimension * sizeof(float)) return $"A vector has {dimension} dimensions, {sizeof(float)} bytes each.";
        var squares = 0.0;
        foreach (var part in MemoryMarshal.Cast<byte, float>(vector))
        {
            if (!float.IsFinite(part)) return "A part is not a finite number.";
            squares += (double)part * part;
        }

        return squares > 0 && float.IsFinite((float)(1 / Math.Sqrt(squares))) && float.IsNormal((float)(1 / Math.Sqrt(squares)))
            ? null
            : "The vector has no length.";
    }
}
