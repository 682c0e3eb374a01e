using MemoryAspire.Contracts.Identity;
using MemoryAspire.Postgres.Memories;
using MemoryAspire.Redis.Control;
using MemoryAspire.Redis.Values;
using StackExchange.Redis;

namespace MemoryAspire.Redis.Repair;

/// <summary>What is wrong with a value.</summary>
public enum ValueFault
{
    /// <summary>It belongs to no memory that exists.</summary>
    Orphan,

    /// <summary>An older version than the row's.</summary>
    Stale,

    /// <summary>The row's version, with something else in it; or a version that the row never had.</summary>
    Changed,

    /// <summary>Its bytes are not what its own digest says, or it is no value at all.</summary>
    Damaged,

    /// <summary>It would stay for ever.</summary>
    Endless,
}

/// <summary>A value as it was looked at.</summary>
/// <param name="memory">Null when the key names none.</param>
public sealed class HeldValue(RedisKey key, MemoryId? memory, RedisValue[]? fields, TimeSpan? life)
{
    public MemoryId? Memory { get; } = memory;

    internal RedisKey Key { get; } = key;

    /// <summary>Null when it is no hash.</summary>
    internal RedisValue[]? Fields { get; } = fields;

    /// <summary>Null: it stays for ever.</summary>
    internal TimeSpan? Life { get; } = life;

    /// <summary>Null when its bytes do not match their digest.</summary>
    internal CachedMemory? Value { get; } = fields is null ? null : CachedMemory.Read(fields);

    public long Bytes => Fields?.Sum(part => part.Length()) ?? 0;

    /// <summary>
    /// What is wrong with it, compared with the row as it was read later; null when nothing is, or when it belongs to an epoch
    /// that is over and so counts for nothing. Pure.
    /// </summary>
    internal ValueFault? Fault(PartitionControl? control, StoredMemory? row)
    {
        if (Memory is null || Value is null) return ValueFault.Damaged;
        if (control is null || control.Epoch != Value.Epoch) return null;
        if (row is null) return ValueFault.Orphan;
        if (Value.Version < row.Record.Memory.Version) return ValueFault.Stale;
        RedisValue[] expected = [row.Record.Memory.Version, row.Position.Value, .. CachedMemory.Arguments(row.Record, row.Span)];
        return expected.SequenceEqual(Fields!.Skip(1)) ? null : ValueFault.Changed;
    }
}
