using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.InteropServices;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Index;
using MemoryAspire.Index.Events;
using MemoryAspire.Index.Searching;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MemoryAspire.Bench.Index.Measures;

/// <summary>What the whole engine took, beside the graph alone. Times are in milliseconds.</summary>
internal sealed record EngineFigures(
    double Recall, double WideMedian, double WideLate, double NarrowMedian, double InsertMedian, double InsertLate, double BytesPerVector, double SnapshotSeconds, double RestartSeconds);

/// <summary>The engine as the service holds it: every memory belongs to one of n / 1,000 users of one tenant.</summary>
internal sealed class Engine : IAsyncDisposable
{
    private const int PerUser = 1_000, AtOnce = 256, Generation = 1;
    private const string Tenant = "t";

    private static readonly Incarnation Incarnation = new(1);

    private readonly ServiceProvider _services = new ServiceCollection().AddLogging().AddMetrics().BuildServiceProvider();
    private readonly VectorSet _set;
    private readonly IndexOptions _options;
    private readonly long[] _heads = new long[Partition.Count];
    private readonly int _users;
    private readonly long _residentBefore;
    private SemanticIndex _index;

    /// <param name="residentBefore">What the process held at its start: what it freed since and still holds counts as the engine's.</param>
    public Engine(VectorSet set, int links, int construction, long residentBefore)
    {
        (_set, _residentBefore) = (set, residentBefore);
        _users = Math.Max(1, set.Count / PerUser);
        _options = new IndexOptions
        {
            Directory = Path.Combine(set.Directory, "index"),
            CapacityMax = set.Count + 10_000,
            Links = links,
            BuildBreadth = construction,
            SnapshotInterval = TimeSpan.FromDays(1),
        };
        _index = Open();
    }

    public async Task<EngineFigures> MeasureAsync(Truth truth, CancellationToken cancellationToken)
    {
        await _index.LoadAsync(cancellationToken);
        await _index.AdoptAsync(new IndexIdentity(Incarnation, Generation, _set.Dimension), cancellationToken);
        foreach (var chunk in _set.Read().Select((vector, number) => Event(number, vector)).Chunk(AtOnce)) await ApplyAsync(chunk, cancellationToken);
        await IdleAsync(cancellationToken);
        GC.Collect();
        var bytes = (Resident() - _residentBefore) / (double)_set.Count;

        var numbers = new List<int>();
        var wide = Times(query => numbers.AddRange(Search(query, Scope.None, truth.K).Select(hit => (int)hit.Version - 1)));
        var narrow = Times(query => Search(query, new Scope(User: $"u{query % _users}"), truth.K));
        var inserts = new List<double>();
        for (var i = 0; i < Queries; i++)
        {
            var begun = Stopwatch.GetTimestamp();
            await ApplyAsync([Event(_set.Count + i, MemoryMarshal.AsBytes(_set.Query(i)).ToArray())], cancellationToken);
            inserts.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }

        await IdleAsync(cancellationToken);
        var snapshot = Stopwatch.GetTimestamp();
        if (!await _index.SnapshotAsync(cancellationToken)) throw new InvalidOperationException("The snapshot was not written.");
        var snapshotSeconds = Stopwatch.GetElapsedTime(snapshot).TotalSeconds;
        await _index.DisposeAsync();
        var restart = Stopwatch.GetTimestamp();
        _index = Open();
        await _index.LoadAsync(cancellationToken);
        if (_index.Status.Vectors != _set.Count + Queries) throw new InvalidOperationException("The restart lost vectors.");
        return new EngineFigures(
            truth.Recall(CollectionsMarshal.AsSpan(numbers)), At(wide, 0.5), At(wide, 0.99), At(narrow, 0.5), At(inserts, 0.5), At(inserts, 0.99), bytes,
            snapshotSeconds, Stopwatch.GetElapsedTime(restart).TotalSeconds);
    }

    public async ValueTask DisposeAsync()
    {
        await _index.DisposeAsync();
        await _services.DisposeAsync();
    }

    private int Queries => _set.Queries.Length / _set.Dimension;

    private SemanticIndex Open() => SemanticIndex.Open(
        _options, TimeProvider.System, _services.GetRequiredService<IMeterFactory>(), _services.GetRequiredService<ILogger<SemanticIndex>>());

    private Task ApplyAsync(IReadOnlyList<IndexEvent> events, CancellationToken cancellationToken) => _index.ApplyAsync(Incarnation, Generation, events, cancellationToken);

    /// <summary>Memory number i has version i + 1, so that a hit says which it is.</summary>
    private IndexEvent Event(int number, byte[] vector)
    {
        var user = number % _users;
        var partition = new Partition((byte)user);
        var id = MemoryId.Create(partition, DateTimeOffset.UnixEpoch, new Random(number));
        return new IndexEvent(partition, new Position(++_heads[partition.Value]), id, number + 1, new IndexedState(
            Tenant, new Scope(User: $"u{user}"), MemoryKind.Episodic, 0.5, 1, 1, null, (ulong)number, vector));
    }

    private IReadOnlyList<SearchHit> Search(int query, Scope scope, int k) => _index.Search(
        Incarnation, Generation, new SearchQuery(_set.Query(query).ToArray(), k, Tenant, scope, [])).Hits;

    /// <summary>Processor milliseconds of each query, after some that warm up.</summary>
    private List<double> Times(Action<int> search)
    {
        for (var query = 0; query < 50; query++) Search(query, new Scope(User: "u0"), 1);
        var times = new List<double>();
        for (var query = 0; query < Queries; query++)
        {
            var begun = ProcessorTime.Seconds;
            search(query);
            times.Add((ProcessorTime.Seconds - begun) * 1_000);
        }

        return times;
    }

    /// <summary>Links are made behind the writer: until the process rests, some are missing.</summary>
    private static async Task IdleAsync(CancellationToken cancellationToken)
    {
        using var process = Process.GetCurrentProcess();
        for (var resting = 0; resting < 2;)
        {
            var begun = process.TotalProcessorTime;
            await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, cancellationToken);
            process.Refresh();
            resting = process.TotalProcessorTime - begun < TimeSpan.FromMilliseconds(25) ? resting + 1 : 0;
        }
    }

    public static long Resident()
    {
        using var process = Process.GetCurrentProcess();
        process.Refresh();
        return process.WorkingSet64;
    }

    private static double At(List<double> times, double part) => times.Order().ElementAt((int)(part * (times.Count - 1)));
}
