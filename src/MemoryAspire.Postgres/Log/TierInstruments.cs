using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using MemoryAspire.Contracts.Events;

namespace MemoryAspire.Postgres.Log;

/// <summary>How far a derived tier is behind: told by its follower.</summary>
/// <param name="Positions">Events of the log that the tier did not have when the log was last compared with it.</param>
/// <param name="Since">Since the beginning of the last pass that brought the tier up to the log.</param>
public readonly record struct TierLag(long Positions, TimeSpan Since);

/// <summary>What is measured of the derived tiers, whoever brings them the events.</summary>
public sealed class TierInstruments
{
    private const string MeterName = "MemoryAspire.Postgres";

    private readonly ConcurrentDictionary<string, Func<TierLag?>> _lags = new();
    private readonly Histogram<double> _latency;
    private readonly TimeProvider _time;

    public TierInstruments(IMeterFactory meters, TimeProvider time)
    {
        _time = time;
        var meter = meters.Create(MeterName);
        _latency = meter.CreateHistogram<double>("memory.sync.latency", "s", "From an event's time in the log until a tier has it.");
        meter.CreateObservableGauge("memory.tier.lag", () => Measure(lag => lag.Positions), "{position}", "Events of the log that a tier does not have.");
        meter.CreateObservableGauge(
            "memory.tier.lag.duration", () => Measure(lag => lag.Since.TotalSeconds), "s", "Since a tier last had everything the log had.");
    }

    /// <summary>A tier has an event because the coordinator pushed it there.</summary>
    public void Pushed(string tier, MemoryEvent @event) => Record(tier, "push", @event);

    /// <summary>A tier has an event because its follower read it in the log.</summary>
    internal void Followed(string tier, MemoryEvent @event) => Record(tier, "follow", @event);

    /// <summary>Has a tier's lag measured; null while nothing is known of it.</summary>
    internal void ObserveLag(string tier, Func<TierLag?> lag) => _lags[tier] = lag;

    // The event's time is the database's; a clock that is behind it must not make it less than nothing.
    private void Record(string tier, string by, MemoryEvent @event) => _latency.Record(
        Math.Max(0, (_time.GetUtcNow() - @event.At).TotalSeconds),
        new KeyValuePair<string, object?>("tier", tier),
        new KeyValuePair<string, object?>("by", by));

    private IEnumerable<Measurement<T>> Measure<T>(Func<TierLag, T> value)
        where T : struct
    {
        foreach (var (tier, lag) in _lags)
        {
            if (lag() is { } known) yield return new Measurement<T>(value(known), new KeyValuePair<string, object?>("tier", tier));
        }
    }
}
