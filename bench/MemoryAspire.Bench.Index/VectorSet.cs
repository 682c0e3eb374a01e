using System.Runtime.InteropServices;

namespace MemoryAspire.Bench.Index;

/// <summary>
/// Vectors of unit length around centres, as embeddings lie, and queries of the same kind: the same ones for the same numbers.
/// They are in files, so that every contestant reads the same.
/// </summary>
internal sealed class VectorSet
{
    private const int Centres = 1_000;
    private const double Spread = 1.2; // around a centre, where the centres spread by 1

    private readonly float[] _centres;
    private readonly Random _random;

    public VectorSet(int count, int queries, int dimension, string directory)
    {
        (Count, Dimension, Directory) = (count, dimension, directory);
        _random = new Random(1);
        _centres = [.. Enumerable.Range(0, Centres * dimension).Select(_ => (float)Gaussian())];
        Queries = Make(queries);
        Write(QueriesPath, Queries);
        using var file = File.Create(VectorsPath);
        const int AtOnce = 10_000;
        for (var at = 0; at < count; at += AtOnce) file.Write(MemoryMarshal.AsBytes(Make(Math.Min(AtOnce, count - at)).AsSpan()));
    }

    public int Count { get; }

    public int Dimension { get; }

    public string Directory { get; }

    public float[] Queries { get; }

    public string VectorsPath => Path.Combine(Directory, "vectors.f32");

    public string QueriesPath => Path.Combine(Directory, "queries.f32");

    public ReadOnlySpan<float> Query(int number) => Queries.AsSpan(number * Dimension, Dimension);

    /// <summary>All vectors, one after the other, in the same memory.</summary>
    public IEnumerable<byte[]> Read()
    {
        using var file = File.OpenRead(VectorsPath);
        for (var i = 0; i < Count; i++)
        {
            var vector = new byte[Dimension * sizeof(float)];
            file.ReadExactly(vector);
            yield return vector;
        }
    }

    private static void Write(string path, float[] values)
    {
        using var file = File.Create(path);
        file.Write(MemoryMarshal.AsBytes(values.AsSpan()));
    }

    private float[] Make(int count)
    {
        var made = new float[count * Dimension];
        for (var i = 0; i < count; i++)
        {
            var vector = made.AsSpan(i * Dimension, Dimension);
            var centre = _centres.AsSpan(_random.Next(Centres) * Dimension, Dimension);
            var squares = 0.0;
            for (var at = 0; at < Dimension; at++)
            {
                vector[at] = centre[at] + (float)(Spread * Gaussian());
                squares += vector[at] * (double)vector[at];
            }

            for (var at = 0; at < Dimension; at++) vector[at] /= (float)Math.Sqrt(squares);
        }

        return made;
    }

    private double Gaussian() => Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());
}
