namespace MemoryAspire.WordVectors;

/// <summary>
/// Takes out what all words share, so that cosines tell texts apart: the mean, and the two strongest principal
/// components (Mu and Viswanath, 2018: All-but-the-Top); then halves, in the logarithm, how much the remaining
/// directions differ in strength. An average of words is linear in them, so removing a component from every word
/// removes it from every text. Only arithmetic and square roots: the result is the same on every machine.
/// </summary>
internal static class CommonComponents
{
    private const int Removed = 2;
    private const int SampleMax = 30_000;

    public static void Remove(IReadOnlyList<WordVector> words)
    {
        var sample = words.Take(SampleMax).ToList();
        var mean = Mean(sample);
        foreach (var word in words)
        {
            for (var i = 0; i < mean.Length; i++) word.Vector[i] -= mean[i];
            var root = Math.Sqrt(Math.Sqrt(Dot(word.Vector, word.Vector)));
            for (var i = 0; i < mean.Length; i++) word.Vector[i] /= root;
        }

        var (strengths, directions) = SymmetricMatrix.Eigen(Covariance(sample));
        var transform = Transform(strengths, directions);
        foreach (var word in words) word.Vector = [.. transform.Select(row => Dot(row, word.Vector))];
    }

    private static double[] Mean(List<WordVector> words)
    {
        var mean = new double[GloveSource.Dimension];
        foreach (var word in words)
        {
            for (var i = 0; i < mean.Length; i++) mean[i] += word.Vector[i] / words.Count;
        }

        return mean;
    }

    private static double[,] Covariance(List<WordVector> words)
    {
        const int n = GloveSource.Dimension;
        var covariance = new double[n, n];
        foreach (var word in words)
        {
            for (var row = 0; row < n; row++)
            {
                for (var column = 0; column < n; column++) covariance[row, column] += word.Vector[row] * word.Vector[column] / words.Count;
            }
        }

        return covariance;
    }

    /// <summary>The symmetric matrix that scales every direction by strength^-1/4, and the strongest to nothing.</summary>
    private static double[][] Transform(double[] strengths, double[][] directions)
    {
        var n = strengths.Length;
        var transform = Enumerable.Range(0, n).Select(_ => new double[n]).ToArray();
        foreach (var kept in Enumerable.Range(0, n).OrderByDescending(i => strengths[i]).Skip(Removed))
        {
            var scale = 1 / Math.Sqrt(Math.Sqrt(strengths[kept]));
            for (var row = 0; row < n; row++)
            {
                for (var column = 0; column < n; column++) transform[row][column] += scale * directions[kept][row] * directions[kept][column];
            }
        }

        return transform;
    }

    private static double Dot(double[] left, double[] right)
    {
        var sum = 0.0;
        for (var i = 0; i < left.Length; i++) sum += left[i] * right[i];
        return sum;
    }
}
