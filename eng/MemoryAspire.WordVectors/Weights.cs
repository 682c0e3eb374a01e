namespace MemoryAspire.WordVectors;

/// <summary>
/// Smooth inverse frequency, a / (a + p) (Arora, Liang and Ma, 2017), with the probability p of a word estimated
/// from its rank by the law of Zipf and Mandelbrot; words that carry no subject count a tenth of that, given names half.
/// </summary>
internal static class Weights
{
    private const double A = 1e-3;
    private const double RankOffset = 2.7;
    private const double StopWordShare = 0.1;
    private const double GivenNameShare = 0.5;

    private static readonly double Total = Enumerable.Range(0, 400_000).Sum(rank => 1 / (rank + RankOffset));

    public static double Probability(int rank) => 1 / ((rank + RankOffset) * Total);

    public static void Apply(IReadOnlyList<WordVector> words)
    {
        var names = GivenNames.Find(words);
        for (var rank = 0; rank < words.Count; rank++)
        {
            var word = words[rank].Word;
            var share = StopWords.Contains(word) ? StopWordShare : names.Contains(word) ? GivenNameShare : 1;
            var weight = A / (A + Probability(rank)) * share;
            for (var i = 0; i < GloveSource.Dimension; i++) words[rank].Vector[i] *= weight;
        }
    }
}
