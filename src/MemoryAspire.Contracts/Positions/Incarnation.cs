using System.Globalization;

namespace MemoryAspire.Contracts.Positions;

/// <summary>
/// Which database positions belong to: 32 bits of a hash over its system identifier, timeline and identity
/// row. A database restored from a backup or made anew has another.
/// </summary>
public readonly record struct Incarnation(uint Value)
{
    public override string ToString() => Value.ToString("x8", CultureInfo.InvariantCulture);
}
