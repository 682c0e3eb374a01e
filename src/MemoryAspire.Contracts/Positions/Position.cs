using System.Globalization;

namespace MemoryAspire.Contracts.Positions;

/// <summary>
/// A place in a partition's log: gapless 1, 2, 3, … in commit order; 0 is before the first event.
/// </summary>
public readonly record struct Position(long Value) : IComparable<Position>
{
    /// <summary>Before the first event.</summary>
    public static Position None => default;

    public Position Next => new(checked(Value + 1));

    public int CompareTo(Position other) => Value.CompareTo(other.Value);

    public static bool operator <(Position left, Position right) => left.Value < right.Value;

    public static bool operator >(Position left, Position right) => left.Value > right.Value;

    public static bool operator <=(Position left, Position right) => left.Value <= right.Value;

    public static bool operator >=(Position left, Position right) => left.Value >= right.Value;

    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
