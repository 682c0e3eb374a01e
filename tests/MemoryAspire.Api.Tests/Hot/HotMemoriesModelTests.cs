using System.Globalization;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Postgres.Log;
using MemoryAspire.Redis.Values;

namespace MemoryAspire.Api.Tests.Hot;

/// <summary>
/// Writers here and elsewhere, readers that sleep between reading and offering, and the feed, in steps whose order a seed
/// decides, against a list: a token never meets the past, and nobody does after this process's own write or for longer than the
/// heartbeat allows.
/// </summary>
public sealed class HotMemoriesModelTests
{
    private const string SeedVariable = "MEMORY_MODEL_SEED";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(0)]
    public void Nobody_meets_the_past(int seed)
    {
        if (seed == 0) seed = Environment.TickCount;
        if (Environment.GetEnvironmentVariable(SeedVariable) is { } given) seed = int.Parse(given, CultureInfo.InvariantCulture);
        using var held = new HeldMemories();
        var world = new World(held, new Random(seed));
        try
        {
            for (var step = 0; step < 50_000; step++) world.Step();
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"Failed with {SeedVariable}={seed}.", exception);
        }

        Assert.InRange(world.Hits, 1_000, 50_000);
    }

    private sealed class World(HeldMemories held, Random random)
    {
        private readonly List<(MemoryId Id, long Version, DateTimeOffset At)> _log = [];
        private readonly List<(MemoryId Id, long Version, long Position, long Reflects)> _offers = [];
        private readonly Dictionary<MemoryId, long> _own = [];
        private (IReadOnlyList<LogRange> Ranges, long Head, long At)? _looking;

        public int Hits { get; private set; }

        public void Step()
        {
            held.Time.Advance(TimeSpan.FromMilliseconds(random.Next(20)));
            var id = held.Ids[random.Next(held.Ids.Length)];
            switch (random.Next(100))
            {
                case < 4:
                    Write(id);
                    break;
                case < 7:
                    Write(id);
                    held.Hot.Invalidate(held.Update(id, VersionAt(id, _log.Count), _log.Count));
                    _own[id] = VersionAt(id, _log.Count);
                    break;
                case < 20:
                    if (VersionAt(id, _log.Count) > 0) _offers.Add((id, VersionAt(id, _log.Count), PositionAt(id, _log.Count), _log.Count));
                    break;
                case < 40:
                    if (_offers.Count == 0) break;
                    var offer = _offers[random.Next(_offers.Count)];
                    _offers.Remove(offer);
                    held.Offer(offer.Id, offer.Version, offer.Position, offer.Reflects);
                    break;
                case < 60:
                    Follow();
                    break;
                default:
                    Read(id);
                    break;
            }
        }

        private void Write(MemoryId id) => _log.Add((id, VersionAt(id, _log.Count) + 1, held.Time.GetUtcNow()));

        private void Follow()
        {
            if (_looking is not { } looking)
            {
                var at = held.Time.GetTimestamp();
                _looking = (held.Hot.Begin(HeldMemories.Heads(_log.Count)), _log.Count, at);
                return;
            }

            var changed = looking.Ranges.SelectMany(range => Enumerable.Range((int)range.After.Value + 1, (int)(range.UpTo.Value - range.After.Value)))
                .Select(position => new ChangedMemory(_log[position - 1].Id, new Position(position))).ToList();
            held.Hot.Finish(looking.Ranges, random.Next(20) == 0 ? null : changed, HeldMemories.Heads(looking.Head), looking.At);
            _looking = null;
        }

        private void Read(MemoryId id)
        {
            var token = random.Next(_log.Count + 1);
            var level = random.Next(2) == 0 ? ReadLevel.Eventual : ReadLevel.Session;
            if (held.Find(id, level, token) is not { } version) return;
            Hits++;
            if (level == ReadLevel.Session) Assert.True(version >= VersionAt(id, token), $"Version {version} was served to a token that has seen {VersionAt(id, token)}.");
            Assert.True(version >= _own.GetValueOrDefault(id), $"Version {version} was served after this process wrote {_own.GetValueOrDefault(id)}.");
            var old = _log.Count(entry => entry.At <= held.Time.GetUtcNow() - Caching.Hot.HotMemories.HeartbeatMax);
            Assert.True(version >= VersionAt(id, old), $"Version {version} was served a second after {VersionAt(id, old)} was written.");
        }

        private long VersionAt(MemoryId id, long position) => _log.Take((int)position).LastOrDefault(entry => entry.Id == id).Version;

        private long PositionAt(MemoryId id, long position) => _log.FindLastIndex((int)position - 1, entry => entry.Id == id) + 1;
    }
}
