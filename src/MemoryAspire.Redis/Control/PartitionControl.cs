using System.Globalization;
using MemoryAspire.Contracts.Positions;
using StackExchange.Redis;

namespace MemoryAspire.Redis.Control;

/// <summary>What a partition's control key says. Without one, nothing in the partition is trusted.</summary>
/// <param name="Applied">Everything up to it is reflected in the values of this epoch.</param>
public sealed record PartitionControl(string Epoch, Incarnation Incarnation, Position Applied)
{
    internal static readonly RedisValue[] Fields = ["epoch", "incarnation", "applied"];

    internal static PartitionControl? Read(RedisValue[] fields) =>
        fields.Any(field => field.IsNull)
            ? null
            : new(fields[0].ToString(), new Incarnation(uint.Parse(fields[1].ToString(), NumberStyles.HexNumber, CultureInfo.InvariantCulture)), new Position((long)fields[2]));
}
