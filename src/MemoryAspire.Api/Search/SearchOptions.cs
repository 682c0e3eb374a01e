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

    public FilterPlan FilterPlan { get; set; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Language.Length is 0 or > 63) yield return new($"{Section}:{nameof(Language)} must be 1 to 63 characters.");
        if (!Enum.IsDefined(FilterPlan)) yield return new($"{Section}:{nameof(FilterPlan)} must be Auto, Named or Walk.");
    }
}
