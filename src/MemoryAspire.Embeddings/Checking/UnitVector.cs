namespace MemoryAspire.Embeddings.Checking;

/// <summary>Scaling to unit length, in a fixed order and in double precision: the same bytes on every machine.</summary>
internal static class UnitVector
{
    /// <summary>False, and zeros, when all numbers are zero: such a vector has no direction.</summary>
    public static bool TryScale(ReadOnlySpan<long> sum, Span<float> vector)
    {
        var squares = 0.0;
        foreach (var value in sum) squares += (double)value * value;
        var length = Math.Sqrt(squares);
        for (var i = 0; i < sum.Length; i++) vector[i] = length == 0 ? 0 : (float)(sum[i] / length);
        return length > 0;
    }

    /// <summary>False when all numbers are zero. The numbers must be finite.</summary>
    public static bool TryScale(Span<float> vector)
    {
        var squares = 0.0;
        foreach (var value in vector) squares += (double)value * value;
        var length = Math.Sqrt(squares);
        if (length == 0) return false;
        for (var i = 0; i < vector.Length; i++) vector[i] = (float)(vector[i] / length);
        return true;
    }
}
