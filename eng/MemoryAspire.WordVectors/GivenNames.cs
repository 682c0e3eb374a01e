namespace MemoryAspire.WordVectors;

/// <summary>
/// Given names, found by their likeness to some common ones. They say whose a memory is, which its scope and its speaker
/// say too, and hardly ever what it is about; at full weight they draw every text of a person to every question about him.
/// </summary>
internal static class GivenNames
{
    private const double LikenessMin = 0.4;

    private static readonly string[] Common =
    [
        "john", "mary", "james", "linda", "robert", "susan", "michael", "karen", "david", "sarah",
        "daniel", "emma", "thomas", "anna", "kevin", "laura", "peter", "julia", "brian", "rachel",
    ];

    public static HashSet<string> Find(IReadOnlyList<WordVector> words)
    {
        var mean = new double[GloveSource.Dimension];
        foreach (var name in words.Where(word => Common.Contains(word.Word)))
        {
            var length = Length(name.Vector);
            for (var i = 0; i < mean.Length; i++) mean[i] += name.Vector[i] / length;
        }

        var bound = LikenessMin * Length(mean);
        return [.. words.Where(word => word.Vector.Zip(mean, (l, r) => l * r).Sum() > bound * Length(word.Vector)).Select(word => word.Word)];
    }

    private static double Length(double[] vector) => Math.Sqrt(vector.Sum(value => value * value));
}
