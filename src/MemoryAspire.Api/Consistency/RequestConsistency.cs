using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Postgres.Log;

namespace MemoryAspire.Api.Consistency;

/// <summary>
/// What one request must see at least, what it has seen, and which tiers could not be used for it. Parts of a request that
/// run side by side may report here at once.
/// </summary>
internal sealed class RequestConsistency(ConsistencyToken required)
{
    private readonly Lock _lock = new();
    private SortedSet<string>? _degraded;

    /// <summary>The tokens the request carried, merged.</summary>
    public ConsistencyToken Required { get; private set; } = required;

    /// <summary>What was required and what was met since.</summary>
    public ConsistencyToken Seen { get; private set; } = required;

    /// <summary>The tiers that were not used because they are down or behind.</summary>
    public IReadOnlyCollection<string> Degraded => _degraded is { } degraded ? degraded : [];

    public void See(Partition partition, Position position) => See([KeyValuePair.Create(partition, position)]);

    public void See(IEnumerable<KeyValuePair<Partition, Position>> positions)
    {
        lock (_lock) Seen = Seen.Seeing(positions);
    }

    /// <summary>Requires from now on what some heads say of some partitions.</summary>
    public void Require(IEnumerable<Partition> partitions, LogHeads heads)
    {
        lock (_lock) Required = Required.Seeing(partitions.Select(partition => KeyValuePair.Create(partition, heads[partition])));
    }

    public void PassOver(string tier)
    {
        lock (_lock) (_degraded ??= new(StringComparer.Ordinal)).Add(tier);
    }

    public static RequestConsistency Of(HttpContext context) =>
        context.Features.Get<RequestConsistency>() ?? throw new InvalidOperationException("This request has no consistency token.");
}
