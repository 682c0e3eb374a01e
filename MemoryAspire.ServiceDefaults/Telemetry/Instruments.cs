using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Polly.CircuitBreaker;

namespace MemoryAspire.ServiceDefaults.Telemetry;

/// <summary>The metrics of this project; docs/telemetry.md lists them.</summary>
internal sealed class Instruments
{
    private readonly ConcurrentDictionary<string, Func<CircuitState>> breakers = new();

    public Instruments(IMeterFactory meters)
    {
        var meter = meters.Create("MemoryAspire.ServiceDefaults");
        meter.CreateObservableGauge(
            "memory.breaker.state", MeasureBreakers, description: "0 closed, 1 open, 2 half open, 3 held open, per pipeline");
    }

    public void ObserveBreaker(string pipeline, Func<CircuitState> state) => breakers[pipeline] = state;

    private IEnumerable<Measurement<int>> MeasureBreakers() =>
        breakers.Select(breaker => new Measurement<int>((int)breaker.Value(), new KeyValuePair<string, object?>("pipeline", breaker.Key)));
}
