using MemoryAspire.Contracts.Memories;

namespace MemoryAspire.Filters;

/// <summary>What every memory that matches must be, as far as the index can tell.</summary>
/// <param name="Kinds">Empty: any.</param>
/// <param name="IsExact">Whether this is all that the filter asks.</param>
/// <param name="IsEmpty">Whether nothing can match.</param>
public sealed record FilterBounds(Scope Scope, IReadOnlyCollection<MemoryKind> Kinds, bool IsExact, bool IsEmpty)
{
    /// <summary>Draws from a filter, and a scope beside it, what the index holds.</summary>
    public static FilterBounds Of(Scope scope, Filter? filter)
    {
        var bounds = new FilterBounds(scope, [], true, false);
        foreach (var part in Conjuncts(filter)) bounds = bounds.And(part);
        return bounds;
    }

    private static IEnumerable<Filter> Conjuncts(Filter? filter) => filter switch
    {
        null => [],
        Filter.All all => all.Items.SelectMany(Conjuncts),
        _ => [filter],
    };

    private FilterBounds And(Filter part) => part is Filter.Condition { Test: FilterTest.OneOf one } condition
        ? condition.Field.Target switch
        {
            FilterTarget.User when Only(one) is { } user => Meet(Scope.User, user, Scope with { User = user }),
            FilterTarget.Agent when Only(one) is { } agent => Meet(Scope.Agent, agent, Scope with { Agent = agent }),
            FilterTarget.Session when Only(one) is { } session => Meet(Scope.Session, session, Scope with { Session = session }),
            FilterTarget.Kind => Meet([.. one.Values.OfType<FilterValue.Text>().Select(kind => MemoryKinds.Parse(kind.Value)).Distinct()]),
            _ => this with { IsExact = false },
        }
        : this with { IsExact = false };

    private FilterBounds Meet(string? had, string part, Scope met) => had is null || had == part ? this with { Scope = met } : this with { IsEmpty = true };

    private FilterBounds Meet(IReadOnlyCollection<MemoryKind> kinds)
    {
        IReadOnlyCollection<MemoryKind> both = Kinds.Count == 0 ? kinds : [.. Kinds.Intersect(kinds)];
        return both.Count == 0 ? this with { IsEmpty = true } : this with { Kinds = both };
    }

    private static string? Only(FilterTest.OneOf one) => one.Values is [FilterValue.Text text] ? text.Value : null;
}
