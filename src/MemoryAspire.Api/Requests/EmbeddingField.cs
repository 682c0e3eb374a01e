using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Text.Json;

namespace MemoryAspire.Api.Requests;

/// <summary>A vector given in a body.</summary>
internal static class EmbeddingField
{
    /// <summary>The vector; null when none was given.</summary>
    public static float[]? Embedding(this RequestFields fields, int dimension)
    {
        if (fields.Raw("embedding") is not { } value) return null;
        var error = Check(value, dimension, out var vector);
        if (error is null) return vector;
        fields.Fail("embedding", error);
        return null;
    }

    /// <summary>Little-endian float32.</summary>
    public static byte[] ToBytes(ReadOnlySpan<float> vector)
    {
        var bytes = new byte[vector.Length * sizeof(float)];
        for (var index = 0; index < vector.Length; index++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(index * sizeof(float)), vector[index]);
        }

        return bytes;
    }

    public static float[] FromBytes(ReadOnlySpan<byte> bytes)
    {
        var vector = new float[bytes.Length / sizeof(float)];
        for (var index = 0; index < vector.Length; index++)
        {
            vector[index] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(index * sizeof(float))..]);
        }

        return vector;
    }

    private static string? Check(JsonElement value, int dimension, out float[] vector)
    {
        vector = [];
        if (value.ValueKind != JsonValueKind.Array) return "must be an array of numbers.";
        if (value.GetArrayLength() != dimension) return $"must have {dimension} dimensions, but has {value.GetArrayLength()}.";
        vector = new float[dimension];
        var at = 0;
        foreach (var item in value.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetSingle(out var number) || !float.IsFinite(number))
            {
                return $"must hold finite 32-bit numbers, but its element {at} is not one.";
            }

            vector[at++] = number;
        }

        var norm = TensorPrimitives.Norm<float>(vector);
        if (norm == 0) return "must not be a zero vector: it has no direction.";
        return float.IsFinite(norm) ? null : "is too long: its length must be a finite 32-bit number.";
    }
}
