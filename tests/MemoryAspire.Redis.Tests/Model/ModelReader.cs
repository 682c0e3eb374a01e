using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Postgres.Memories;
using MemoryAspire.Redis.Control;
using MemoryAspire.Redis.Values;
using StackExchange.Redis;

namespace MemoryAspire.Redis.Tests.Model;

/// <summary>A row on its way from PostgreSQL into Redis.</summary>
internal sealed record PendingFill(StoredMemory Row, Position Head);

/// <summary>
/// Reads some memories one after the other as WorkingMemory does, but one command at a time, so that anything may happen in
/// between; what Redis may not serve it reads from PostgreSQL.
/// </summary>
internal sealed class ModelReader(Simulation world, IReadOnlyList<MemoryId> memories, ReadLevel level, Dictionary<Partition, Position>? token)
{
    private readonly List<long> _versions = [];
    private int _command;
    private RedisValue[] _control = [];
    private RedisValue[] _value = [];
    private bool _intended;
    private Position _atLeast;
    private long _floor;
    private int _floorAt;

    public int BegunAt { get; } = world.Step;

    public bool IsDone => _versions.Count == memories.Count;

    private MemoryId Id => memories[_versions.Count];

    public async Task StepAsync()
    {
        var order = world.Breakage switch
        {
            Breakage.ValueBeforeIntent => "cviD",
            Breakage.ValueBeforeControl => "ivcD",
            _ => "civD",
        };
        // A server that comes back older has lost its connections: what was asked on one is asked again.
        if (world.RestoredAt >= _floorAt) _command = 0;
        if (_command == 0)
        {
            _atLeast = token?.GetValueOrDefault(Id.Partition) ?? Position.None;
            (_floor, _floorAt) = (world.FloorOf(Id), world.Step);
        }

        switch (order[_command++])
        {
            case 'c':
                _control = await world.Database.HashGetAsync(Keys.Control(Id.Partition), PartitionControl.Fields);
                break;
            case 'i':
                _intended = await world.Database.KeyExistsAsync(Keys.Intent(Id));
                break;
            case 'v':
                _value = await world.Database.HashGetAsync(Keys.Memory(Id), CachedMemory.Fields);
                break;
            default:
                Decide();
                _command = 0;
                break;
        }
    }

    private void Decide()
    {
        var held = CachedMemory.Read(_value);
        var control = PartitionControl.Read(_control);
        if (world.Breakage == Breakage.OldEpochsCount && held is not null && control is not null) held = held with { Epoch = control.Epoch };
        var verdict = ReadDecision.Of(level, _atLeast, Tier.Here, Tier.Tenant, world.Now, control, _intended, held);
        if (verdict == ReadVerdict.Served) CheckHit(held!);
        else ReadRow();
        if (_versions is [var first, var second] && token is null && second < first && !world.IsExcused(memories, BegunAt))
        {
            throw new Violation($"{memories[0]} was read in version {first}, then {memories[1]} in version {second}: half a transaction.");
        }
    }

    private void CheckHit(CachedMemory held)
    {
        var @event = world.Log.EventOf(Id, held.Version);
        if (@event.Removes || @event.Position != held.Position) throw new Violation($"{Id} was served as nobody wrote it.");
        if (!@event.Span.SequenceEqual(held.Span)) throw new Violation($"{Id} was served with another span.");
        var required = world.Log.VersionAt(Id, _atLeast);
        if (level == ReadLevel.Session && held.Version < required)
        {
            throw new Violation($"{Id} was served in version {held.Version} to a token that has seen {required}.");
        }

        if (held.Version < _floor) throw new Violation($"{Id} was served in version {held.Version} after Redis had said that it has {_floor}.");
        See(held.SeenIn(Id.Partition));
        world.Hits++;
        _versions.Add(held.Version);
    }

    private void ReadRow()
    {
        var (row, version, head) = world.Log.Read(Id);
        See(row?.Seen ?? [KeyValuePair.Create(Id.Partition, head)]);
        if (row is not null) world.Fills.Add(new PendingFill(row, head));
        _versions.Add(version);
    }

    private void See(IEnumerable<KeyValuePair<Partition, Position>> seen)
    {
        if (token is null) return;
        foreach (var (partition, position) in seen)
        {
            if (position > token.GetValueOrDefault(partition)) token[partition] = position;
        }
    }
}
