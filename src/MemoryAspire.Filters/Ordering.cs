namespace MemoryAspire.Filters;

/// <summary>The order of values, the same as PostgreSQL's.</summary>
internal static class Ordering
{
    /// <summary>By code point, as UTF-8 bytes compare; UTF-16 alone would put U+FFFD behind U+10000.</summary>
    public static int OfTexts(string left, string right)
    {
        var length = Math.Min(left.Length, right.Length);
        for (var at = 0; at < length; at++)
        {
            if (left[at] != right[at]) return Rank(left[at]).CompareTo(Rank(right[at]));
        }

        return left.Length.CompareTo(right.Length);
    }

    /// <summary>Of decimals as <c>CanonicalJson</c> spells them.</summary>
    public static int OfDecimals(string left, string right)
    {
        var (leftIsNegative, rightIsNegative) = (left[0] == '-', right[0] == '-');
        if (leftIsNegative != rightIsNegative) return leftIsNegative ? -1 : 1;
        return leftIsNegative ? OfMagnitudes(right.AsSpan(1), left.AsSpan(1)) : OfMagnitudes(left, right);
    }

    private static int OfMagnitudes(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        var (leftWhole, rightWhole) = (WholeLength(left), WholeLength(right));
        return leftWhole != rightWhole ? leftWhole.CompareTo(rightWhole) : left.SequenceCompareTo(right);
    }

    private static int WholeLength(ReadOnlySpan<char> digits) => digits.IndexOf('.') is var point and >= 0 ? point : digits.Length;

    /// <summary>Surrogates stand for what comes after every other character.</summary>
    private static int Rank(char character) => char.IsSurrogate(character) ? character + char.MaxValue : character;
}
