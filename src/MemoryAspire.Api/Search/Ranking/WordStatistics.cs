using MemoryAspire.Postgres.Searching;

namespace MemoryAspire.Api.Search;

/// <summary>
/// What each term of a query tells: the rarer it is where one searches, the more (BM25; Robertson and Zaragoza, 2009).
/// </summary>
/// <param name="LengthMean">Different words of a content, on average.</param>
/// <param name="Weights">In the order of the terms.</param>
internal sealed record WordStatistics(float LengthMean, IReadOnlyList<float> Weights)
{
    /// <summary>
    /// Memories that are taken to be there beside those that are, without any of the words: in a scope of three, a word that is in
    /// two still tells something.
    /// </summary>
    private const double Assumed = 100;

    // Fitted, see docs/search-quality.md.
    private const double Saturation = 0.6;
    private const double LengthShare = 0.3;

    // PostgreSQL's rank of one word that occurs n times is 0.1/ζ(2) · (1 + 1/4 + … + 1/n²).
    private const double RankOfOne = 0.1 / 1.64493406685;
    private const double RankLeast = 1e-6;

    // A rank at which words count for half of all they can.
    private const double HalfRank = 8;

    /// <summary>From the memories of a scope.</summary>
    /// <param name="total">How many there are.</param>
    public static WordStatistics Of(IReadOnlyList<SearchRow> rows, int terms, double total)
    {
        var counts = new double[terms];
        var lengths = 0L;
        foreach (var row in rows)
        {
            lengths += row.Length;
            if (row.Ranks is not { } ranks) continue;
            for (var term = 0; term < terms; term++) counts[term] += ranks[term] > RankLeast ? 1 : 0;
        }

        return Of(counts, rows.Count == 0 ? 1 : (double)lengths / rows.Count, total);
    }

    /// <param name="counts">How many memories have each term.</param>
    public static WordStatistics Of(IReadOnlyList<double> counts, double lengthMean, double total) => new(
        (float)Math.Max(1, lengthMean),
        [.. counts.Select(count => (float)Math.Log(1 + ((Math.Max(total, count) + Assumed - count + 0.5) / (count + 0.5))))]);

    /// <summary>0..1: how well the words match.</summary>
    public double Score(SearchRow row)
    {
        if (row.Ranks is not { } ranks) return 0;
        var sum = 0.0;
        for (var term = 0; term < ranks.Length; term++)
        {
            if (ranks[term] > RankLeast) sum += Weights[term] * (ranks[term] / RankOfOne);
        }

        var rank = sum * (1 + Saturation) / (1 + (Saturation * (1 - LengthShare + (LengthShare * row.Length / LengthMean))));
        return rank / (rank + HalfRank);
    }

    /// <summary>Whether a row has a term.</summary>
    public static bool Has(SearchRow row, int term) => row.Ranks is { } ranks && ranks[term] > RankLeast;
}
