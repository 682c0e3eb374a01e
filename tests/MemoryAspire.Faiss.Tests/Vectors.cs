using MemoryAspire.Faiss.Graphs;

namespace MemoryAspire.Faiss.Tests;

/// <summary>Clustered vectors, as embeddings are, and rows for them.</summary>
internal sealed class Vectors(int dimension, int seed)
{
    private readonly Random _random = new(seed);
    private readonly List<float[]> _centres = [];

    public float[] Next()
    {
        while (_centres.Count < 50) _centres.Add(Gaussian(1));
        var centre = _centres[_random.Next(_centres.Count)];
        var noise = Gaussian(0.5f);
        return [.. centre.Zip(noise, (a, b) => a + b)];
    }

    public static double Cosine(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        double dot = 0, a = 0, b = 0;
        for (var i = 0; i < left.Length; i++)
        {
            dot += (double)left[i] * right[i];
            a += (double)left[i] * left[i];
            b += (double)right[i] * right[i];
        }

        return dot / Math.Sqrt(a * b);
    }

    public static MemoryRow Row(int number, int node, uint tenant = 1, uint user = 0, ulong born = 0, uint kind = 0) =>
        new(Id(number), 1, node, tenant, user, 0, 0, kind, long.MaxValue, born);

    public static Guid Id(int number) => new(number, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    public static RowFilter All(uint tenant = 1, uint user = 0, ulong snapshot = ulong.MaxValue - 1) =>
        new(tenant, user, 0, 0, ulong.MaxValue, 0, snapshot);

    private float[] Gaussian(float scale) =>
        [.. Enumerable.Range(0, dimension).Select(_ => scale * (float)(Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble())))];
}
