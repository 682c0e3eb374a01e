namespace MemoryAspire.Index.Searching;

/// <summary>
/// Whether to compare all qualifying rows or to walk the graph, from counts. A walk meets qualifying rows only
/// as often as they lie in its way: the rarer they are, the farther it goes.
/// </summary>
/// <param name="Walk">False: scan.</param>
/// <param name="Breadth">Candidates the walk keeps.</param>
/// <param name="Budget">Distances after which the scan would have been done.</param>
internal readonly record struct SearchPlan(bool Walk, int Breadth, long Budget)
{
    /// <summary>Rows looked at to guess how many qualify.</summary>
    public const int SampleMax = 512;

    // A node met in a walk costs about so many distances to its neighbours, most of them to new ones.
    private const double DistancesPerStep = 12;

    // Rows that do not qualify are passed over at this part of a distance.
    private const double FilterShare = 0.05;

    /// <param name="listed">Rows on the narrowest list of the scope.</param>
    /// <param name="qualifying">How many of them qualify, about.</param>
    /// <param name="total">Rows of everybody.</param>
    /// <param name="walkPenalty">What a distance in a walk costs of one in a scan: <see cref="DistanceCosts"/>.</param>
    public static SearchPlan Choose(long listed, long qualifying, long total, int k, int scanMax, int breadth, double walkPenalty)
    {
        breadth = Math.Max(breadth, k + (k / 2));
        if (qualifying <= Math.Max(scanMax, 4L * k)) return default;
        var scan = qualifying + (FilterShare * listed);
        var walk = walkPenalty * DistancesPerStep * breadth * Math.Max(1, (double)total / qualifying);
        return walk < scan ? new SearchPlan(true, breadth, (long)(scan / walkPenalty)) : default;
    }
}
