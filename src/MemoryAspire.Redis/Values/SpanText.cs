using System.Globalization;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;

namespace MemoryAspire.Redis.Values;

/// <summary>
/// A transaction's span as a value's field: <c>partition:position</c> in decimal, separated by commas; empty when the
/// transaction has one partition only.
/// </summary>
internal static class SpanText
{
    public static string Write(IEnumerable<KeyValuePair<Partition, Position>> span) =>
        string.Join(',', span.Select(pair => $"{pair.Key}:{pair.Value}"));

    /// <summary>False for any text that <see cref="Write"/> did not make.</summary>
    public static bool TryRead(string text, out IReadOnlyList<KeyValuePair<Partition, Position>> span)
    {
        span = [];
        if (text.Length == 0) return true;
        var pairs = new List<KeyValuePair<Partition, Position>>();
        foreach (var part in text.Split(','))
        {
            var colon = part.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0
                || !byte.TryParse(part.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out var partition)
                || !long.TryParse(part.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var position)) return false;
            pairs.Add(KeyValuePair.Create(new Partition(partition), new Position(position)));
        }

        span = pairs;
        return true;
    }
}
