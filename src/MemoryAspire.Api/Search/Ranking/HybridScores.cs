using MemoryAspire.Postgres.Searching;

namespace MemoryAspire.Api.Search;

/// <summary>One score of two, and of what stands beside. docs/search.md has the formulas, docs/search-quality.md how they were chosen.</summary>
internal static class HybridScores
{
    private const double SemanticWeight = 0.35;

    private const int ReciprocalConstant = 60;

    /// <summary>What the second and first before count, and the first and second after: an answer stands behind its question.</summary>
    private static readonly (int Distance, double Weight)[] Beside = [(-2, 0.15), (-1, 0.3), (1, 0.15), (2, 0.05)];

    /// <summary>Memories stored further apart than this have nothing to do with each other.</summary>
    private static readonly TimeSpan BesideMax = TimeSpan.FromMinutes(30);

    public static double Weighted(double semantic, double keyword) => (SemanticWeight * semantic) + ((1 - SemanticWeight) * keyword);

    /// <summary>Spreads weighted sums, few of which come near 1, over 0..1.</summary>
    public static double Spread(double sum) => 1 - ((1 - sum) * (1 - sum));

    /// <summary>What a place in each order, from 1, gives; 0 is no place. Two first places give 1.</summary>
    public static double Reciprocal(int semanticPlace, int keywordPlace) =>
        (Part(semanticPlace) + Part(keywordPlace)) * (ReciprocalConstant + 1) / 2;

    /// <summary>What the memories beside each one add, in the order of the rows.</summary>
    public static double[] Context(IReadOnlyList<SearchRow> rows, IReadOnlyList<double> scores, double weight)
    {
        var order = Enumerable.Range(0, rows.Count).ToArray();
        Array.Sort(order, (left, right) => Compare(rows[left], rows[right]));
        var context = new double[rows.Count];
        for (var at = 0; at < order.Length; at++)
        {
            var row = rows[order[at]];
            foreach (var (distance, share) in Beside)
            {
                if (at + distance < 0 || at + distance >= order.Length) continue;
                var beside = rows[order[at + distance]];
                if (beside.Group == row.Group && (beside.CreatedAt - row.CreatedAt).Duration() <= BesideMax) context[order[at]] += weight * share * scores[order[at + distance]];
            }
        }

        return context;
    }

    private static int Compare(SearchRow left, SearchRow right)
    {
        var group = left.Group.CompareTo(right.Group);
        if (group != 0) return group;
        var created = left.CreatedAt.CompareTo(right.CreatedAt);
        return created != 0 ? created : left.Position.CompareTo(right.Position);
    }

    private static double Part(int place) => place == 0 ? 0 : 1.0 / (ReciprocalConstant + place);
}
