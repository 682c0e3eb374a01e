using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Postgres.Writes;

namespace MemoryAspire.Postgres.Dedupe;

/// <summary>
/// Which memory a create would double, given what was found in the tables and what the group has made so far. Only groups with
/// dedupe have one. A transaction works on a branch and merges it when it succeeds.
/// </summary>
internal sealed class StagedDuplicates(Duplicates found, StagedDuplicates? trunk = null)
{
    private readonly Dictionary<(string Tenant, string Key), MemoryId> _owners = [];
    private readonly Dictionary<MemoryId, MemoryEvent> _latest = [];

    /// <summary>The keys under which the group made memories.</summary>
    public IEnumerable<OwnedKey> Owned => _owners.Select(one => new OwnedKey(one.Key.Tenant, Convert.FromHexString(one.Key.Key), one.Value));

    public StagedDuplicates Branch() => new(found, this);

    /// <param name="events">As they will be stored.</param>
    public void Merge(StagedDuplicates branch, IReadOnlyList<MemoryEvent> events)
    {
        foreach (var (key, owner) in branch._owners) _owners[key] = owner;
        foreach (var @event in events) _latest[@event.MemoryId] = @event;
    }

    /// <summary>Takes note of an event of the transaction.</summary>
    public void Note(MemoryEvent @event) => _latest[@event.MemoryId] = @event;

    /// <summary>Takes note that a memory was made under the create's key.</summary>
    public void Own(string tenant, WriteOperation.Create create) => _owners[KeyOf(tenant, create)] = create.Id;

    /// <summary>False when the create is to be carried out. With true and null, its memory is gone and must not come again.</summary>
    public bool TryFind(string tenant, WriteOperation.Create create, out MemoryEvent? memory)
    {
        memory = null;
        if (create.Dedupe is not { } rule) return false;
        if (Owner(KeyOf(tenant, create)) is { } owner)
        {
            var made = Latest(owner) ?? throw new InvalidOperationException("A memory that the group made has no event.");
            if (TryTake(rule, create, made, out memory)) return true;
        }
        else if (found.TryFind(create, out var made))
        {
            if (made is null) return true;
            if (TryTake(rule, create, Latest(made.MemoryId) ?? made, out memory)) return true;
        }

        if (rule.Mode != DedupeMode.Similar || create.Vector.IsEmpty) return false;
        memory = found.Near(create).Select(near => Latest(near.MemoryId) ?? near).Concat(MadeHere())
            .FirstOrDefault(near => near.Tenant == tenant && IsSimilar(rule, create, near));
        return memory is not null;
    }

    private static bool TryTake(DedupeRule rule, WriteOperation.Create create, MemoryEvent made, out MemoryEvent? memory)
    {
        memory = made.Removes ? null : made;
        return rule.Mode == DedupeMode.Once
            || (made.State?.Memory is { } present && present.Content == create.Content && present.Kind == create.Kind && present.Scope == create.Scope);
    }

    private static bool IsSimilar(DedupeRule rule, WriteOperation.Create create, MemoryEvent near) =>
        near.State is { Vector.IsEmpty: false } state && state.Memory.Kind == create.Kind && state.Memory.Scope == create.Scope
        && Duplicates.Similarity(state.Vector.Span, create.Vector.Span) >= rule.SimilarityMin;

    private MemoryId? Owner((string Tenant, string Key) key) => _owners.TryGetValue(key, out var owner) ? owner : trunk?.Owner(key);

    private MemoryEvent? Latest(MemoryId id) => _latest.GetValueOrDefault(id) ?? trunk?.Latest(id);

    private IEnumerable<MemoryEvent> MadeHere() => _latest.Values.Concat(trunk?.MadeHere().Where(@event => !_latest.ContainsKey(@event.MemoryId)) ?? []);

    private static (string Tenant, string Key) KeyOf(string tenant, WriteOperation.Create create) => (tenant, Convert.ToHexString(create.Dedupe!.Key.Span));
}
