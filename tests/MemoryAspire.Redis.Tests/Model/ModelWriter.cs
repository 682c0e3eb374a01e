using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Redis.Intents;

namespace MemoryAspire.Redis.Tests.Model;

/// <summary>
/// A transaction as RedisParticipant drives it, one partition at a time: prepare, commit, apply, release. It may die after
/// any step.
/// </summary>
internal sealed class ModelWriter(Simulation world, Guid id, IReadOnlyList<MemoryId> memories, bool create, bool remove, Dictionary<Partition, Position>? token)
{
    private readonly List<Partition> _left = [.. memories.Select(memory => memory.Partition).Distinct()];
    private bool _prepared;
    private bool _refused;

    public IReadOnlyList<MemoryId> Memories { get; } = memories;

    public IReadOnlyList<MemoryEvent> Events { get; private set; } = [];

    public bool IsDone { get; private set; }

    /// <summary>Its intents were lost with everything in Redis: readers without a token may meet half of it.</summary>
    public bool IsDisturbed { get; set; }

    /// <summary>The step at which Redis had all of it.</summary>
    public int? CompleteAt { get; set; }

    public IEnumerable<Intent> Intents => create ? [] : Memories.Select(memory => new Intent(memory, id));

    public async Task StepAsync()
    {
        if (!_prepared)
        {
            if (world.Breakage != Breakage.NoIntents) await world.Tier.Intents.PrepareAsync([.. Intents], [], Tier.Here);
            _prepared = true;
        }
        else if (Events.Count == 0)
        {
            if (world.Chance(10) || Memories.Any(memory => world.Log.Exists(memory) == create)) await AbortAsync();
            else Events = world.Log.Commit(id, Memories, remove);
        }
        else if (_left.Count > 0)
        {
            await ApplyAsync();
        }
        else
        {
            if (!_refused) await world.Tier.Intents.ReleaseAsync(Intents);
            Finish();
        }
    }

    private async Task AbortAsync()
    {
        await world.Tier.Intents.ReleaseAsync(Intents);
        IsDone = true;
    }

    private async Task ApplyAsync()
    {
        var partition = _left[world.Next(_left.Count)];
        _left.Remove(partition);
        var isAlone = Events.All(@event => @event.Partition == partition);
        var taken = await world.ApplyAsync([.. Events.Where(@event => @event.Partition == partition)], isAlone ? [id] : []);
        _refused |= !taken;
        if (world.Breakage == Breakage.ReleaseEarly) await world.Tier.Intents.ReleaseAsync(Intents);
        if (isAlone) Finish();
    }

    private void Finish()
    {
        IsDone = true;
        if (token is null) return;
        foreach (var @event in Events)
        {
            if (@event.Position > token.GetValueOrDefault(@event.Partition)) token[@event.Partition] = @event.Position;
        }
    }
}
