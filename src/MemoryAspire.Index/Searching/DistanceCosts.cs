using System.Collections.Concurrent;
using MemoryAspire.Faiss.Kernels;

namespace MemoryAspire.Index.Searching;

/// <summary>
/// What a distance costs on this machine, measured once per dimension: a scan compares vectors in a row as they were sent, a walk
/// jumps among codes. Where many rows qualify, the cheaper way follows from it.
/// </summary>
/// <param name="WalkPenalty">A walk's distance in those of a scan.</param>
internal sealed record DistanceCosts(double WalkPenalty)
{
    // Beside its distance, a walk keeps order among candidates and asks what each node's rows are.
    private const double WalkOverhead = 2;

    // A measurement that was disturbed must not send every search the wrong way.
    private const double PenaltyMin = 0.25, PenaltyMax = 4;

    private static readonly ConcurrentDictionary<int, DistanceCosts> Measured = new();

    public static DistanceCosts Of(int dimension) => Measured.GetOrAdd(dimension, static dimension =>
    {
        var (scan, walk) = KernelTimes.Measure(dimension);
        return From(scan, walk);
    });

    /// <param name="scan">Time of a distance in a scan.</param>
    /// <param name="walk">Time of a distance between codes.</param>
    public static DistanceCosts From(double scan, double walk) => new(Math.Clamp(WalkOverhead * walk / scan, PenaltyMin, PenaltyMax));
}
