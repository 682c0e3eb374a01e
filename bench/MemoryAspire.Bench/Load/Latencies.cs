namespace MemoryAspire.Bench.Load;

/// <summary>How long things took.</summary>
internal sealed class Latencies
{
    private readonly List<double> _milliseconds = [];

    public int Count => _milliseconds.Count;

    public void Add(TimeSpan elapsed) => _milliseconds.Add(elapsed.TotalMilliseconds);

    public void Add(Latencies others) => _milliseconds.AddRange(others._milliseconds);

    /// <summary>In milliseconds: the smallest that a share of all do not exceed.</summary>
    public double Quantile(double share)
    {
        if (_milliseconds.Count == 0) return double.NaN;
        _milliseconds.Sort();
        return _milliseconds[Math.Clamp((int)Math.Ceiling(share * _milliseconds.Count) - 1, 0, _milliseconds.Count - 1)];
    }
}
