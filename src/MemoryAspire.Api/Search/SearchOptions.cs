using System.ComponentModel.DataAnnotations;
using MemoryAspire.Postgres.Searching;

namespace MemoryAspire.Api.Search;

/// <summary>How a filter that the index cannot judge is served.</summary>
internal enum FilterPlan
{
    /// <summary>As PostgreSQL's estimate says.</summary>
    Auto,

    /// <summary>PostgreSQL names the memories, the index compares them all.</summary>
    Named,

    /// <summary>The index names the nearest, until enough of them match.</summary>
    Walk,
}

/// <summary>Searches: section <c>Search</c>.</summary>
internal sealed class SearchOptions : IValidatableObject
{
    public const string Section = "Search";

    /// <summary>The text search configuration of PostgreSQL that contents and queries are split with.</summary>
    public string Language { get; set; } = SearchLanguage.Default;

    /// <summary>What serves filters that the index cannot judge; Auto but for tests and diagnosis.</summary>
    public FilterPlan FilterPlan { get; set; }

    /// <summary>Scopes of so many memories are looked at whole; larger ones are searched by the graph and the words' index.</summary>
    public int ScopeMax { get; set; } = 5_000;

    /// <summary>The same while the index is away: all their vectors are read then.</summary>
    public int ScopeMaxWithoutIndex { get; set; } = 20_000;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Language.Length is 0 or > 63) yield return new($"{Section}:{nameof(Language)} must be 1 to 63 characters.");
        if (ScopeMax is < 0 or > IndexSearch.CountMax) yield return new($"{Section}:{nameof(ScopeMax)} must be 0 to {IndexSearch.CountMax}.");
        if (ScopeMaxWithoutIndex is < 0 or > 1_000_000) yield return new($"{Section}:{nameof(ScopeMaxWithoutIndex)} must be 0 to 1000000.");
        if (!Enum.IsDefined(FilterPlan)) yield return new($"{Section}:{nameof(FilterPlan)} must be Auto, Named or Walk.");
    }
}
