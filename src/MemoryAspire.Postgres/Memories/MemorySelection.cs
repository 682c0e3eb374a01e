using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Filters;

namespace MemoryAspire.Postgres.Memories;

/// <summary>Which memories of a tenant to go through; an absent part matches everything.</summary>
public sealed record MemorySelection(string Tenant, Scope Scope, MemoryKind? Kind, Filter? Filter = null)
{
    /// <summary>The only partition that can hold any of it; null: all of them can.</summary>
    public Partition? Partition => Scope.User is { } user ? Contracts.Identity.Partition.Of(Tenant, user) : null;
}

/// <summary>A selection as a condition: only what it asks for, so that the planner sees which index serves it.</summary>
internal static class SelectionSql
{
    /// <summary>On <c>memories m</c>. What is expired is absent.</summary>
    public static string Present(MemorySelection selection, SqlParameters parameters) =>
        $"{Write(selection, "m", "m", parameters)} and (m.expires_at is null or m.expires_at > now())";

    /// <param name="row">The alias of the row that names tenant, scope and kind.</param>
    /// <param name="state">The alias of the row that has the state which the filter looks at.</param>
    public static string Write(MemorySelection selection, string row, string state, SqlParameters parameters)
    {
        var conditions = new List<string> { $"{row}.tenant = {parameters.Text(selection.Tenant)}" };
        if (selection.Scope.User is { } user) conditions.Add($"{row}.\"user\" = {parameters.Text(user)}");
        if (selection.Scope.Agent is { } agent) conditions.Add($"{row}.agent = {parameters.Text(agent)}");
        if (selection.Scope.Session is { } session) conditions.Add($"{row}.session = {parameters.Text(session)}");
        if (selection.Kind is { } kind) conditions.Add($"{row}.kind = {parameters.Text(kind.ToText())}");
        if (selection.Filter is { } filter) conditions.Add(FilterSql.Write(filter, state, parameters));
        return string.Join(" and ", conditions);
    }
}
