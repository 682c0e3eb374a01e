using MemoryAspire.Postgres.Searching;

namespace MemoryAspire.Api.Search;

/// <summary>A memory with its score, before it is read.</summary>
internal sealed record Ranked(SearchRow Row, double Score, double? Similarity, ScoreParts Parts);

/// <summary>What a ranking is made from.</summary>
/// <param name="Mode">What runs.</param>
/// <param name="Words">Null without words.</param>
/// <param name="IsWhole">Whether the rows are all of the scope, so that what stands beside each is known.</param>
/// <param name="Now">Ages are as of then.</param>
internal sealed record RankingBasis(SearchMode Mode, WordStatistics? Words, bool IsWhole, DateTimeOffset Now);

/// <summary>Scores rows and puts the best first.</summary>
internal static class RowRanking
{
    /// <summary>Digits of a score: the same match is not told apart by how its cosine was computed.</summary>
    private const int Digits = 6;

    /// <param name="similarities">The cosine of each row; null without one.</param>
    public static IReadOnlyList<Ranked> Rank(
        SearchRequest request, RankingBasis basis, IReadOnlyList<SearchRow> rows, IReadOnlyList<double?> similarities)
    {
        var semantic = similarities.Select(similarity => Math.Clamp(similarity ?? 0, 0, 1)).ToArray();
        var keyword = rows.Select(row => basis.Words?.Score(row) ?? 0).ToArray();
        var context = (double[]?)null;
        var match = basis.Mode switch
        {
            SearchMode.Semantic => semantic,
            SearchMode.Keyword => keyword,
            _ => Fuse(request, basis, rows, similarities, semantic, keyword, out context),
        };

        var ranked = new List<Ranked>();
        for (var at = 0; at < rows.Count; at++)
        {
            if (!rows[at].Matches || !IsCandidate(basis.Mode, similarities[at], keyword[at])) continue;
            var recency = request.Ranking.RecencyOf(rows[at].UpdatedAt, basis.Now);
            var score = Math.Round(Math.Clamp(request.Ranking.Score(match[at], recency, rows[at].Importance), 0, 1), Digits);
            if (score < request.MinScore || request.Cursor?.Precedes(score, rows[at].Id) == false) continue;
            ranked.Add(new Ranked(rows[at], score, similarities[at], new ScoreParts(
                basis.Mode == SearchMode.Keyword ? null : semantic[at], basis.Mode == SearchMode.Semantic ? null : keyword[at], context?[at], match[at], recency, rows[at].Importance)));
        }

        ranked.Sort((left, right) => left.Score != right.Score ? right.Score.CompareTo(left.Score) : right.Row.Id.CompareTo(left.Row.Id));
        return ranked;
    }

    private static bool IsCandidate(SearchMode mode, double? similarity, double keyword) => mode switch
    {
        SearchMode.Semantic => similarity is not null,
        SearchMode.Keyword => keyword > 0,
        _ => similarity is not null || keyword > 0,
    };

    private static double[] Fuse(
        SearchRequest request, RankingBasis basis, IReadOnlyList<SearchRow> rows, IReadOnlyList<double?> similarities, double[] semantic, double[] keyword, out double[]? context)
    {
        var match = new double[rows.Count];
        context = null;
        if (request.Fusion == Fusion.Rrf)
        {
            var (near, worded) = (Places(rows, at => similarities[at]), Places(rows, at => keyword[at] > 0 ? keyword[at] : null));
            for (var at = 0; at < match.Length; at++) match[at] = HybridScores.Reciprocal(near[at], worded[at]);
            return match;
        }

        for (var at = 0; at < match.Length; at++) match[at] = HybridScores.Weighted(semantic[at], keyword[at]);
        context = basis.IsWhole && request.Ranking.Context > 0 ? HybridScores.Context(rows, match, request.Ranking.Context) : new double[rows.Count];
        for (var at = 0; at < match.Length; at++) match[at] = HybridScores.Spread(1 - ((1 - match[at]) * (1 - Math.Min(1, context[at]))));
        return match;
    }

    /// <summary>Each row's place in the order of a score, from 1; 0 for rows without one or that do not match.</summary>
    private static int[] Places(IReadOnlyList<SearchRow> rows, Func<int, double?> score)
    {
        var places = new int[rows.Count];
        var place = 0;
        foreach (var at in Enumerable.Range(0, rows.Count).Where(at => rows[at].Matches && score(at) is not null)
            .OrderByDescending(at => score(at)).ThenByDescending(at => rows[at].Id)) places[at] = ++place;
        return places;
    }
}
