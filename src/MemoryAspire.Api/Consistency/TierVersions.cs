namespace MemoryAspire.Api.Consistency;

/// <summary>The version of a memory that a tier holds; null: none.</summary>
internal sealed record HeldVersion(long? Version);

/// <summary>What each tier holds of one memory. A tier is null when it could not be asked.</summary>
/// <param name="Consistent">
/// Whether the tiers agree. A memory that is not cached is no difference. Null: the tiers that were asked agree, but one
/// could not be asked.
/// </param>
internal sealed record TierVersions(HeldVersion Postgres, HeldVersion? Redis, HeldVersion? Index, bool? Consistent)
{
    public static TierVersions Compare(long? postgres, HeldVersion? redis, HeldVersion? index)
    {
        var differs = (redis?.Version is { } cached && cached != postgres) || (index is not null && index.Version != postgres);
        bool? consistent = differs ? false : redis is null || index is null ? null : true;
        return new TierVersions(new HeldVersion(postgres), redis, index, consistent);
    }
}
