namespace MemoryAspire.Index.Segments;

/// <summary>When what is dead has become too much to carry along.</summary>
internal static class Upkeep
{
    /// <summary>Below so many, nothing is worth a rebuild.</summary>
    public const int DeadMin = 1_024;

    /// <summary>More than a quarter dead costs searches a noticeable part of their speed.</summary>
    public static bool TooManyDead(int dead, int all) => dead >= DeadMin && dead > all / 4;
}
