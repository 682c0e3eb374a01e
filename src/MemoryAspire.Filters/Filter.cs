using System.Collections.Immutable;

namespace MemoryAspire.Filters;

/// <summary>
/// Which memories match: a tree with two truth values, since a test of what is absent is false. docs/filters.md is the language.
/// </summary>
public abstract record Filter
{
    private Filter()
    {
    }

    public sealed record All(ImmutableArray<Filter> Items) : Filter;

    public sealed record Any(ImmutableArray<Filter> Items) : Filter;

    public sealed record Not(Filter Item) : Filter;

    public sealed record Condition(FilterField Field, FilterTest Test) : Filter;
}

/// <summary>What is asked of one field. What is absent fails every test but <c>Exists(false)</c>.</summary>
public abstract record FilterTest
{
    private FilterTest()
    {
    }

    /// <summary>Equal to one of these; values of unlike types are not equal.</summary>
    public sealed record OneOf(ImmutableArray<FilterValue> Values) : FilterTest;

    /// <summary>False between unlike types. Numbers compare as decimals, texts by code point.</summary>
    public sealed record Compare(FilterOrder Order, FilterValue Value) : FilterTest;

    /// <summary>An array that has an element equal to it, or a text that has it as a part.</summary>
    public sealed record Contains(FilterValue Value) : FilterTest;

    public sealed record Exists(bool Wanted) : FilterTest;
}

public enum FilterOrder
{
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

/// <summary>A value to compare with.</summary>
public abstract record FilterValue
{
    private FilterValue()
    {
    }

    public sealed record Text(string Value) : FilterValue;

    /// <param name="Canonical">As <c>CanonicalJson</c> spells it.</param>
    public sealed record Number(string Canonical) : FilterValue;

    public sealed record Flag(bool Value) : FilterValue;

    /// <param name="Value">UTC, to the microsecond.</param>
    public sealed record Time(DateTimeOffset Value) : FilterValue;
}
