namespace MemoryAspire.WordVectors;

/// <summary>
/// Draws the forms of one word together (paint, paints, painted, painting): each vector goes half way to the mean
/// of its group, weighted by frequency. News text, from which the vectors come, uses the forms in different company.
/// </summary>
internal static class Inflections
{
    private const double Share = 0.5;

    /// <summary>English endings and what stands for them, longest first.</summary>
    private static readonly (string Ending, string Replacement)[] Endings =
        [("iest", "y"), ("ies", "y"), ("ing", ""), ("ied", "y"), ("ers", "er"), ("ed", ""), ("es", ""), ("s", ""), ("ly", "")];

    public static void DrawTogether(IReadOnlyList<WordVector> words)
    {
        foreach (var group in Enumerable.Range(0, words.Count).GroupBy(rank => Stem(words[rank].Word)).Where(group => group.Count() > 1))
        {
            var frequencies = group.Sum(Weights.Probability);
            var mean = new double[GloveSource.Dimension];
            foreach (var rank in group)
            {
                for (var i = 0; i < mean.Length; i++) mean[i] += words[rank].Vector[i] * Weights.Probability(rank) / frequencies;
            }

            foreach (var rank in group)
            {
                var vector = words[rank].Vector;
                for (var i = 0; i < mean.Length; i++) vector[i] += Share * (mean[i] - vector[i]);
            }
        }
    }

    private static string Stem(string word)
    {
        foreach (var (ending, replacement) in Endings)
        {
            if (!word.EndsWith(ending, StringComparison.Ordinal) || word.Length - ending.Length < 3) continue;
            var stem = word[..^ending.Length] + replacement;
            if (replacement.Length == 0 && stem[^1] == stem[^2] && stem[^1] is not ('l' or 's' or 'z')) stem = stem[..^1];
            return stem[^1] == 'e' ? stem[..^1] : stem;
        }

        return word.Length > 3 && word[^1] == 'e' ? word[..^1] : word;
    }
}
