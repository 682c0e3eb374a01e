namespace MemoryAspire.Index.Tests;

/// <summary>Clustered vectors of unit length, as embeddings are.</summary>
internal sealed class Vectors(int dimension, int seed)
{
    private readonly Random _random = new(seed);
    private readonly List<float[]> _centres = [];

    public float[] Next()
    {
        while (_centres.Count < 40) _centres.Add(Gaussian(1));
        var vector = _centres[_random.Next(_centres.Count)].Zip(Gaussian(0.6f), (a, b) => a + b).ToArray();
        var length = MathF.Sqrt(vector.Sum(part => part * part));
        return [.. vector.Select(part => part / length)];
    }

    private float[] Gaussian(float scale) =>
        [.. Enumerable.Range(0, dimension).Select(_ => scale * (float)(Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble())))];
}
