using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;

namespace MemoryAspire.Postgres.Log;

/// <summary>Measures how far a tier is behind the log while it is followed.</summary>
public sealed class MeasuredTier : ILogConsumer
{
    private readonly string _name;
    private readonly ILogConsumer _tier;
    private readonly TierInstruments _instruments;
    private readonly TimeProvider _time;
    private long _begunAt;
    private long _missing;
    private long _completeSince;

    public MeasuredTier(string name, ILogConsumer tier, TierInstruments instruments, TimeProvider time)
    {
        (_name, _tier, _instruments, _time) = (name, tier, instruments, time);
        instruments.ObserveLag(name, Lag);
    }

    public string? VectorsOf => _tier.VectorsOf;

    public async Task<IReadOnlyList<Position>> ReadAppliedAsync(LogHeads heads, CancellationToken cancellationToken)
    {
        if (_begunAt == 0) Interlocked.CompareExchange(ref _completeSince, _time.GetTimestamp(), 0);
        _begunAt = _time.GetTimestamp();
        var applied = await _tier.ReadAppliedAsync(heads, cancellationToken);
        MissingIs(Partition.All.Sum(partition => Math.Max(0, heads[partition].Value - applied[partition.Value].Value)));
        return applied;
    }

    public async Task ApplyAsync(LogHeads heads, IReadOnlyList<MemoryEvent> events, CancellationToken cancellationToken)
    {
        await _tier.ApplyAsync(heads, events, cancellationToken);
        foreach (var @event in events) _instruments.Followed(_name, @event);
        MissingIs(Math.Max(0, Interlocked.Read(ref _missing) - events.Count(@event => @event.Position <= heads[@event.Partition])));
    }

    private void MissingIs(long positions)
    {
        Interlocked.Exchange(ref _missing, positions);
        if (positions == 0) Interlocked.Exchange(ref _completeSince, _begunAt);
    }

    private TierLag? Lag() => Interlocked.Read(ref _completeSince) is var since and not 0
        ? new TierLag(Interlocked.Read(ref _missing), _time.GetElapsedTime(since))
        : null;
}
