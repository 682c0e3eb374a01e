using System.Diagnostics.Metrics;
using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Postgres.Log;
using Microsoft.Extensions.Time.Testing;

namespace MemoryAspire.Postgres.Tests;

public sealed class MeasuredTierTests : IDisposable
{
    private static readonly Partition Here = new(7);

    private readonly Meters _meters = new();
    private readonly MeterListener _listener = new();
    private readonly FakeTimeProvider _time = new(Episode.Start);
    private readonly Dictionary<string, double> _gauges = [];
    private readonly List<(double Seconds, string Tags)> _latencies = [];
    private readonly StandingTier _standing = new();
    private readonly MeasuredTier _tier;

    public MeasuredTierTests()
    {
        var instruments = new TierInstruments(_meters, _time);
        _tier = new MeasuredTier("redis", _standing, instruments, _time);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, _meters)) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => _gauges[instrument.Name] = value);
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) =>
        {
            if (instrument is Histogram<double>) _latencies.Add((value, string.Join(",", tags.ToArray().Select(tag => tag.Value))));
            else _gauges[instrument.Name] = value;
        });
        _listener.Start();
    }

    [Fact]
    public async Task A_tier_is_as_far_behind_as_the_log_is_ahead_of_it()
    {
        await PassAsync(head: 5, 1, 2);
        Assert.Equal(3, Gauge("memory.tier.lag"));
        await PassAsync(head: 5, 3, 4, 5);
        Assert.Equal(0, Gauge("memory.tier.lag"));
    }

    [Fact]
    public async Task The_lag_in_seconds_is_counted_from_the_beginning_of_the_last_pass_that_got_everything()
    {
        await PassAsync(head: 1, 1);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(10, Gauge("memory.tier.lag.duration"));
        await PassAsync(head: 3, 2);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(15, Gauge("memory.tier.lag.duration"));
        await PassAsync(head: 3, 3);
        Assert.Equal(0, Gauge("memory.tier.lag.duration"));
    }

    [Fact]
    public async Task Events_beyond_the_heads_do_not_make_up_for_those_that_are_missing()
    {
        var heads = await BeginAsync(head: 2);
        await _tier.ApplyAsync(heads, [Event(3), Event(4)], CancellationToken.None);
        Assert.Equal(2, Gauge("memory.tier.lag"));
    }

    [Fact]
    public async Task An_events_latency_runs_from_its_time_in_the_log()
    {
        _time.Advance(TimeSpan.FromMilliseconds(250));
        await PassAsync(head: 1, 1);
        Assert.Equal([(0.25, "redis,follow")], _latencies);
    }

    [Fact]
    public void Before_the_first_pass_nothing_is_known()
    {
        _listener.RecordObservableInstruments();
        Assert.Empty(_gauges);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _meters.Dispose();
    }

    private async Task PassAsync(long head, params long[] positions)
    {
        var heads = await BeginAsync(head);
        await _tier.ApplyAsync(heads, [.. positions.Select(Event)], CancellationToken.None);
        _standing.Applied[Here.Value] = new Position(positions[^1]);
    }

    private async Task<LogHeads> BeginAsync(long head)
    {
        var all = new long[Partition.Count];
        all[Here.Value] = head;
        var heads = new LogHeads(new Incarnation(1), all);
        await _tier.ReadAppliedAsync(heads, CancellationToken.None);
        return heads;
    }

    private static MemoryEvent Event(long position) => new(
        Here, new Position(position), EventType.Deleted, "t", MemoryId.Create(Here, Episode.Start, new Random((int)position)), 2, Scope.None, null,
        Guid.Empty, "tester", Episode.Start);

    private double Gauge(string name)
    {
        _listener.RecordObservableInstruments();
        return _gauges[name];
    }

    private sealed class StandingTier : ILogConsumer
    {
        public Position[] Applied { get; } = new Position[Partition.Count];

        public string? VectorsOf => null;

        public Task<IReadOnlyList<Position>> ReadAppliedAsync(LogHeads heads, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<Position>>(Applied);

        public Task ApplyAsync(LogHeads heads, IReadOnlyList<MemoryEvent> events, CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class Meters : IMeterFactory
    {
        private readonly List<Meter> _meters = [];

        public Meter Create(MeterOptions options)
        {
            options.Scope = this;
            var meter = new Meter(options);
            _meters.Add(meter);
            return meter;
        }

        public void Dispose() => _meters.ForEach(meter => meter.Dispose());
    }
}
