namespace MemoryAspire.Bench.Measures;

/// <summary>Something that is measured in rounds, each of which measures the baseline, too.</summary>
internal interface IMeasure : IAsyncDisposable
{
    /// <summary>As <c>--only</c> names it.</summary>
    string Name { get; }

    /// <summary>Readies and warms up; false: this cannot be measured, and the report says why.</summary>
    Task<bool> PrepareAsync(CancellationToken cancellationToken);

    Task RoundAsync(int round, CancellationToken cancellationToken);

    /// <summary>Puts the medians of the rounds into the report.</summary>
    void Conclude();
}

internal static class Median
{
    public static double Of(IEnumerable<double> values)
    {
        var ordered = values.Order().ToList();
        if (ordered.Count == 0) return double.NaN;
        var middle = ordered.Count / 2;
        return ordered.Count % 2 == 1 ? ordered[middle] : (ordered[middle - 1] + ordered[middle]) / 2;
    }
}
