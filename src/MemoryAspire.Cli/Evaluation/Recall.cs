namespace MemoryAspire.Cli.Evaluation;

/// <summary>How well one mode did over all questions.</summary>
/// <param name="At">The share of evidence among the first so many, on average.</param>
/// <param name="ReciprocalRank">One over the place of the first evidence, 0 without any, on average.</param>
internal sealed record RecallTable(string Mode, IReadOnlyDictionary<int, double> At, double ReciprocalRank, int Questions);

/// <summary>Gathers what was found for each question.</summary>
internal sealed class Recall(string mode)
{
    public static IReadOnlyList<int> Counts { get; } = [5, 10, 20];

    private readonly Lock _gate = new();
    private readonly double[] _sums = new double[Counts.Count];
    private double _reciprocal;
    private int _questions;

    /// <param name="found">Names of turns, best first.</param>
    public void Add(Question question, IReadOnlyList<string> found)
    {
        lock (_gate)
        {
            for (var at = 0; at < Counts.Count; at++)
            {
                var first = found.Take(Counts[at]).ToHashSet(StringComparer.Ordinal);
                _sums[at] += (double)question.Evidence.Count(first.Contains) / question.Evidence.Count;
            }

            var place = found.Select((name, at) => (name, at)).Where(one => question.Evidence.Contains(one.name)).Select(one => one.at + 1).FirstOrDefault();
            _reciprocal += place == 0 ? 0 : 1.0 / place;
            _questions++;
        }
    }

    public RecallTable Table
    {
        get
        {
            lock (_gate)
            {
                var questions = Math.Max(1, _questions);
                return new(mode, Counts.Select((count, at) => (count, at)).ToDictionary(one => one.count, one => _sums[one.at] / questions), _reciprocal / questions, _questions);
            }
        }
    }
}
