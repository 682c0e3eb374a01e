using System.Globalization;
using System.Runtime.InteropServices;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Faiss.Graphs;
using MemoryAspire.Index.Events;
using MemoryAspire.Index.Searching;
using static MemoryAspire.Index.Tests.Events;

namespace MemoryAspire.Index.Tests;

/// <summary>Random operations on an index and on a dictionary: both must always answer the same.</summary>
public sealed class ModelTests
{
    private const int Dimension = 6;
    private const int Operations = 6_000;

    /// <summary>Set to repeat a run that failed.</summary>
    private const string SeedVariable = "MEMORY_MODEL_SEED";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(0)]
    public async Task An_index_answers_as_a_dictionary_would(int seed)
    {
        if (seed == 0) seed = Environment.TickCount;
        if (Environment.GetEnvironmentVariable(SeedVariable) is { } given) seed = int.Parse(given, CultureInfo.InvariantCulture);
        try
        {
            await new Run(seed).ExecuteAsync();
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"Failed with {SeedVariable}={seed}.", exception);
        }
    }

    private sealed class Run(int seed)
    {
        private readonly Random _random = new(seed);
        private readonly Dictionary<MemoryId, IndexEvent> _model = [];
        private readonly Dictionary<byte, long> _heads = [];
        private readonly List<IndexEvent> _late = [];
        private readonly List<float[]> _vectors = [];
        private long _step;

        public async Task ExecuteAsync()
        {
            await using var harness = await Harness.OpenAsync(Dimension, options => options.ScanMax = _random.Next(2) * 10_000);
            for (_step = 0; _step < Operations; _step++)
            {
                switch (_random.Next(1_000))
                {
                    case < 600: await ChangeAsync(harness); break;
                    case < 990: Compare(harness, Question()); break;
                    case < 994: harness.Time.Advance(TimeSpan.FromSeconds(_random.Next(100))); break;
                    case < 997: Assert.True(await harness.Index.SnapshotAsync(Stop)); break;
                    default: await harness.ReopenAsync(); break;
                }

                if (_step % 500 == 0) CompareStates(harness);
            }

            await harness.ReopenAsync();
            CompareStates(harness);
        }

        private async Task ChangeAsync(Harness harness)
        {
            var events = Enumerable.Range(0, 1 + _random.Next(8)).Select(_ => NextEvent(harness)).ToList();
            // Out of order, and some of what came before once more.
            events.AddRange(_late.Where(_ => _random.Next(20) == 0));
            _late.Clear();
            _late.AddRange(events);
            var order = events.ToArray();
            _random.Shuffle(order);
            var cut = _random.Next(order.Length + 1);
            await harness.ApplyAsync(order[..cut]);
            await harness.ApplyAsync(order[cut..]);
        }

        private IndexEvent NextEvent(Harness harness)
        {
            var id = Id(_random.Next(400), (byte)_random.Next(3));
            var position = _heads[id.Partition.Value] = _heads.GetValueOrDefault(id.Partition.Value) + 1;
            var version = _model.TryGetValue(id, out var old) ? old.Version + 1 : 1;
            if (old is not null && _random.Next(3) == 0)
            {
                _model.Remove(id);
                return Gone(id, position, version);
            }

            long? expires = _random.Next(10) == 0 ? Microseconds.From(harness.Time.GetUtcNow().AddSeconds(_random.Next(300))) : null;
            var scope = old?.State!.Scope ?? new Scope(Text("u"), Text("a"), Text("s"));
            var tenant = old?.State!.Tenant ?? $"t{_random.Next(2)}";
            var next = Put(id, position, _random.Next(12) == 0 ? null : Vector(), version, tenant, scope, (MemoryKind)_random.Next(3), expires, (ulong)_random.NextInt64(), _random.Next(100), _random.Next(100));
            _model[id] = next;
            return next;
        }

        private string? Text(string prefix) => _random.Next(3) == 0 ? null : $"{prefix}{_random.Next(3)}";

        private float[] Vector()
        {
            // Copies are common.
            if (_vectors.Count > 0 && _random.Next(3) == 0) return _vectors[_random.Next(_vectors.Count)];
            var vector = Enumerable.Range(0, Dimension).Select(_ => _random.NextSingle() - 0.5f).ToArray();
            _vectors.Add(vector);
            return vector;
        }

        private SearchQuery Question() => Query(
            Vector(), 1 + _random.Next(30), $"t{_random.Next(2)}", new Scope(Text("u"), Text("a"), Text("s")),
            _random.Next(2) == 0 ? [] : [(MemoryKind)_random.Next(3), (MemoryKind)_random.Next(3)]) with
        {
            Created = Range(),
            Updated = Range(),
            LeastSimilarity = _random.Next(4) == 0 ? (_random.NextSingle() * 2) - 1 : null,
        };

        private TimeRange Range() => _random.Next(3) == 0 ? new TimeRange(_random.Next(100), _random.Next(100)) : TimeRange.Any;

        private void Compare(Harness harness, SearchQuery query)
        {
            var now = Microseconds.From(harness.Time.GetUtcNow());
            var qualifying = _model.Values.Where(@event => Qualifies(@event.State!, query, now))
                .Select(@event => (@event.Id, Cosine: Cosine(@event.State!.Vector.Span, query.Vector.Span)))
                .Where(pair => pair.Cosine >= (query.LeastSimilarity ?? -2)).ToDictionary(pair => pair.Id, pair => pair.Cosine);
            var best = qualifying.Values.OrderDescending().Take(query.K).ToArray();
            var result = harness.Search(query);
            // A walk that met what is not similar enough may have missed one that is, here and there.
            if (query.LeastSimilarity is null || result.Path != SearchPath.Walk) Assert.Equal(best.Length, result.Hits.Count);
            Assert.InRange(result.Hits.Count, best.Length - 1 - (best.Length / 10), best.Length);
            Assert.Equal(result.Hits.Count, result.Hits.Select(hit => hit.Id).Distinct().Count());
            if (qualifying.Count < query.K && result.Path != SearchPath.Walk) Assert.True(result.Exhausted);
            if (result.Exhausted) Assert.True(qualifying.Count <= query.K);
            foreach (var (hit, i) in result.Hits.Select((hit, i) => (hit, i)))
            {
                Assert.Equal(_model[hit.Id].Version, hit.Version);
                Assert.Equal(qualifying[hit.Id], hit.Similarity, 1e-5);
                // A walk may miss a near one, here and there; a scan may not.
                if (result.Path != SearchPath.Walk) Assert.Equal(best[i], hit.Similarity, 1e-5);
            }
        }

        private void CompareStates(Harness harness)
        {
            var status = harness.Index.Status;
            Assert.Equal(_model.Count, status.Memories);
            Assert.Equal(_model.Values.Count(@event => !@event.State!.Vector.IsEmpty), status.Vectors);
            for (byte partition = 0; partition < 3; partition++)
            {
                var memories = _model.Values.Where(@event => @event.Id.Partition.Value == partition).ToArray();
                Assert.Equal(_heads.GetValueOrDefault(partition), status.Partitions[partition].Applied.Value);
                Assert.Equal(memories.Length, status.Partitions[partition].Count);
                Assert.Equal(memories.Aggregate(0UL, (digest, @event) => digest ^ @event.State!.Digest), status.Partitions[partition].Digest);
            }

            foreach (var @event in _model.Values)
            {
                Assert.Equal(new IndexedEntry(@event.Version, @event.State!.Digest, !@event.State.Vector.IsEmpty), harness.Index.Find(@event.Id));
            }
        }

        private static bool Qualifies(IndexedState state, SearchQuery query, long now) =>
            !state.Vector.IsEmpty && state.Tenant == query.Tenant
            && (query.Scope.User is null || query.Scope.User == state.Scope.User)
            && (query.Scope.Agent is null || query.Scope.Agent == state.Scope.Agent)
            && (query.Scope.Session is null || query.Scope.Session == state.Scope.Session)
            && (query.Kinds.Count == 0 || query.Kinds.Contains(state.Kind))
            && (state.ExpiresAt is null || state.ExpiresAt > now)
            && IsIn(query.Created, state.CreatedAt) && IsIn(query.Updated, state.UpdatedAt);

        private static bool IsIn(TimeRange range, long time) => range.From <= time && time < range.To;

        private static double Cosine(ReadOnlySpan<byte> bytes, ReadOnlySpan<float> query)
        {
            var vector = MemoryMarshal.Cast<byte, float>(bytes);
            double dot = 0, a = 0, b = 0;
            for (var i = 0; i < vector.Length; i++)
            {
                dot += (double)vector[i] * query[i];
                a += (double)vector[i] * vector[i];
                b += (double)query[i] * query[i];
            }

            return dot / Math.Sqrt(a * b);
        }
    }
}
