using System.Collections.Concurrent;
using MemoryAspire.Contracts.Memories;

namespace MemoryAspire.Api.Search;

/// <summary>
/// Remembers for a while which scopes were too large to be looked at whole, so that it is not tried again each time. It decides how
/// a search is done, not whether.
/// </summary>
internal sealed class WideScopes(TimeProvider time)
{
    private const int CountMax = 10_000;

    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<(string Tenant, Scope Scope), DateTimeOffset> _until = new();

    public bool IsKnown(string tenant, Scope scope) => _until.TryGetValue((tenant, scope), out var until) && time.GetUtcNow() < until;

    public void Remember(string tenant, Scope scope)
    {
        if (_until.Count >= CountMax) _until.Clear();
        _until[(tenant, scope)] = time.GetUtcNow() + Remembered;
    }
}
