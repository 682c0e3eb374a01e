using System.Globalization;
using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Redis.Values;
using StackExchange.Redis;

namespace MemoryAspire.Redis.Tests.Model;

/// <summary>A promise was broken.</summary>
internal sealed class Violation(string message) : Exception(message);

/// <summary>
/// Writers, readers, two followers and mishaps over a real Redis, in steps whose order a seed decides: so there is a pause
/// of any length at every step of each. Pairs of memories, one in each of two partitions, are always changed together.
/// </summary>
internal sealed class Simulation(Tier tier, int seed, Breakage breakage)
{
    private readonly Random _random = new(seed);
    private readonly List<MemoryId[]> _pairs = [];
    private readonly List<ModelWriter> _writers = [];
    private readonly List<ModelWriter> _orphans = [];
    private readonly List<ModelWriter> _disturbed = [];
    private readonly List<ModelReader> _readers = [];
    private readonly Dictionary<MemoryId, long> _floors = [];
    private readonly Dictionary<Partition, Position>[] _tokens = [[], [], []];
    private readonly (string Nonce, Position? Head)?[,] _beginning = new (string, Position?)?[2, 2];
    private int _memories;
    private OlderCopy? _copy;
    private Position[]? _restoring;
    private int? _restoredCompletely;

    public Tier Tier { get; } = tier;

    public IDatabase Database => Tier.Database;

    public ModelLog Log { get; } = new(tier);

    public Breakage Breakage { get; } = breakage;

    public List<PendingFill> Fills { get; } = [];

    public int Step { get; private set; }

    /// <summary>Reads that Redis served.</summary>
    public int Hits { get; set; }

    /// <summary>The last step at which Redis came back older than it was.</summary>
    public int RestoredAt { get; private set; } = -1;

    public DateTimeOffset Now => Tier.Time.GetUtcNow();

    public async Task RunAsync(int steps)
    {
        for (Step = 0; Step < steps; Step++)
        {
            await (_random.Next(100) switch
            {
                < 3 => Do(BeginWriting),
                < 20 => WriteAsync(),
                < 28 => Do(BeginReading),
                < 78 => ReadAsync(),
                < 83 => FillAsync(),
                < 97 => FollowAsync(Chance(15) ? 1 : 0),
                < 99 => ExpireAsync(),
                _ => MishapAsync(),
            });
            await NoteCompletionsAsync();
        }
    }

    public int Next(int max) => _random.Next(max);

    public bool Chance(int percent) => _random.Next(100) < percent;

    /// <summary>The version of a memory that Redis once said to have: it may not show an older one any more.</summary>
    public long FloorOf(MemoryId id) => _floors.GetValueOrDefault(id);

    /// <summary>
    /// Whether a transaction on these memories had lost its intents while a reader was reading, or Redis was behind after it
    /// came back older.
    /// </summary>
    public bool IsExcused(IReadOnlyList<MemoryId> memories, int since) =>
        (RestoredAt >= 0 && !(_restoredCompletely < since)) ||
        _disturbed.Any(writer => writer.Memories.Intersect(memories).Any() && !(writer.CompleteAt < since));

    /// <summary>Applies events of one partition; true when Redis took them.</summary>
    public async Task<bool> ApplyAsync(IReadOnlyList<MemoryEvent> events, Guid[] releasing)
    {
        if ((await Tier.Memory.ApplyAsync(events, Tier.Here, releasing.ToHashSet())).Count == 0) return false;
        foreach (var @event in events) _floors[@event.MemoryId] = Math.Max(FloorOf(@event.MemoryId), @event.Version);
        return true;
    }

    private static Task Do(Action action)
    {
        action();
        return Task.CompletedTask;
    }

    private void BeginWriting()
    {
        if (_writers.Count >= 3) return;
        var token = Chance(50) ? _tokens[Next(_tokens.Length)] : null;
        if (_pairs.Count < 3 || Chance(5))
        {
            var pair = Log.Partitions.Select(partition => Tier.NewId(++_memories, partition)).ToArray();
            _pairs.Add(pair);
            _writers.Add(new ModelWriter(this, NewId(), pair, create: true, remove: false, token));
        }
        else
        {
            var pair = SomePair();
            _writers.Add(new ModelWriter(this, NewId(), pair, create: false, remove: Chance(10), token));
        }
    }

    private async Task WriteAsync()
    {
        if (_writers.Count == 0) return;
        var writer = _writers[Next(_writers.Count)];
        await writer.StepAsync();
        if (!writer.IsDone && !Chance(2)) return;
        _writers.Remove(writer);

        // Dead, or refused somewhere: its intents stay until their time is over.
        _orphans.Add(writer);
    }

    private void BeginReading()
    {
        if (_readers.Count >= 6 || _pairs.Count == 0) return;
        var pair = SomePair();
        MemoryId[] memories = Chance(50) ? pair : [pair[1], pair[0]];
        var token = Chance(50) ? _tokens[Next(_tokens.Length)] : null;
        _readers.Add(new ModelReader(this, memories, token is not null || Chance(50) ? ReadLevel.Session : ReadLevel.Eventual, token));
    }

    private async Task ReadAsync()
    {
        if (_readers.Count == 0) return;
        var reader = _readers[Next(_readers.Count)];
        await reader.StepAsync();
        if (reader.IsDone) _readers.Remove(reader);
    }

    private async Task FillAsync()
    {
        if (Fills.Count == 0) return;
        var fill = Fills[Next(Fills.Count)];
        Fills.Remove(fill);
        await Tier.Memory.FillAsync(fill.Row, fill.Head, Tier.Here);
    }

    private async Task FollowAsync(int follower)
    {
        var at = Next(2);
        var partition = Log.Partitions[at];
        switch (_beginning[follower, at])
        {
            case null:
                if ((await Tier.Memory.ReadControlsAsync([partition]))[partition] is { } control)
                {
                    var events = Log.After(partition, control.Applied).Take(1 + Next(5)).ToList();
                    if (events.Count > 0) await ApplyAsync(events, []);
                    break;
                }

                var nonce = NewId().ToString("N");
                await Tier.Memory.AnnounceEpochAsync(partition, nonce);
                _beginning[follower, at] = (nonce, null);
                break;
            case (var announced, null):
                _beginning[follower, at] = (announced, Log.Head(partition));
                break;
            case (var announced, { } head):
                await Tier.Memory.BeginEpochAsync(partition, announced, NewId().ToString("N"), Tier.Here, head);
                _beginning[follower, at] = null;
                break;
        }
    }

    /// <summary>The time of an intent is over only after the follower has long applied what its transaction committed.</summary>
    private async Task ExpireAsync()
    {
        var over = new List<ModelWriter>();
        foreach (var orphan in _orphans)
        {
            if (await IsCompleteAsync(orphan)) over.Add(orphan);
        }

        foreach (var orphan in over)
        {
            await Tier.Intents.ReleaseAsync(orphan.Intents);
            _orphans.Remove(orphan);
        }
    }

    private async Task MishapAsync()
    {
        switch (Next(24))
        {
            case 20 or 21:
                _copy = await OlderCopy.TakeAsync(Tier);
                break;
            case 22:
                if (_copy is not null) await RestoreAsync(_copy);
                break;
            case < 13:
                if (_pairs.Count > 0) await Database.KeyDeleteAsync(Keys.Memory(SomePair()[Next(2)]));
                break;
            case < 19:
                // Whoever slept over a first loss may begin after a second one.
                await Database.KeyDeleteAsync(Keys.Control(Log.Partitions[Next(2)]));
                break;
            default:
                await Database.ExecuteAsync("FLUSHDB");
                Disturb();
                break;
        }
    }

    /// <summary>Redis comes back as it was, without intents: their time is over.</summary>
    private async Task RestoreAsync(OlderCopy copy)
    {
        await copy.RestoreAsync();
        _floors.Clear();
        RestoredAt = Step;
        _restoring = [.. Log.Partitions.Select(Log.Head)];
        _restoredCompletely = null;
        Disturb();
    }

    private void Disturb()
    {
        foreach (var writer in _writers.Concat(_orphans).Where(writer => !writer.IsDisturbed))
        {
            writer.IsDisturbed = true;
            _disturbed.Add(writer);
        }
    }

    private async Task NoteCompletionsAsync()
    {
        if (_restoring is { } heads)
        {
            var controls = await Tier.Memory.ReadControlsAsync(Log.Partitions);
            if (Log.Partitions.Zip(heads).All(pair => controls[pair.First]?.Applied >= pair.Second)) (_restoring, _restoredCompletely) = (null, Step);
        }

        foreach (var writer in _disturbed.Where(writer => writer.CompleteAt is null && !_writers.Contains(writer)))
        {
            if (await IsCompleteAsync(writer)) writer.CompleteAt = Step;
        }
    }

    private async Task<bool> IsCompleteAsync(ModelWriter writer)
    {
        var controls = await Tier.Memory.ReadControlsAsync(Log.Partitions);
        return writer.Events.All(@event => controls[@event.Partition]?.Applied >= @event.Position);
    }

    private MemoryId[] SomePair() => _pairs[_random.Next(Math.Max(0, _pairs.Count - 3), _pairs.Count)];

    private Guid NewId() => Guid.ParseExact($"{_random.NextInt64().ToString("x16", CultureInfo.InvariantCulture)}{_random.NextInt64().ToString("x16", CultureInfo.InvariantCulture)}", "N");
}
