using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace MemoryAspire.Embeddings.BuiltIn;

/// <summary>
/// A vector for a word that no list knows: the sum of one pseudo-random ±1 vector per character n-gram of the word,
/// so that words that share most of their spelling are near each other and all others nearly orthogonal.
/// </summary>
internal static class UnknownWord
{
    private const int DimensionMax = 1024;

    /// <summary>Adds the vector, of a length that does not depend on the word's, to a sum.</summary>
    public static void AddTo(Span<long> sum, ReadOnlySpan<char> word, WordKind kind, int scale)
    {
        if (sum.Length > DimensionMax) throw new ArgumentException($"At most {DimensionMax} dimensions.", nameof(sum));
        Span<int> signs = stackalloc int[sum.Length];
        signs.Clear();
        var grams = AddGrams(signs, word, kind);
        var factor = (long)Math.Round(scale / Math.Sqrt(grams));
        for (var i = 0; i < signs.Length; i++) sum[i] += factor * signs[i];
    }

    /// <summary>
    /// Letters: the n-grams of 3 to 5 characters of the word between boundary marks, and the word itself; where a
    /// character is about a word (Chinese, Japanese, Korean), those of 1 and 2. A number or pictograph is only itself.
    /// </summary>
    private static int AddGrams(Span<int> signs, ReadOnlySpan<char> word, WordKind kind)
    {
        AddSigns(signs, word);
        if (kind != WordKind.Letters || word.Length == 1) return 1;
        Span<char> marked = stackalloc char[WordReader.LengthMax + 2];
        marked[0] = '<';
        word.CopyTo(marked[1..]);
        marked[word.Length + 1] = '>';
        marked = marked[..(word.Length + 2)];
        var dense = IsDense(word);
        if (dense) marked = marked[1..^1];
        var grams = 1;
        for (var length = dense ? 1 : 3; length <= (dense ? 2 : 5); length++)
        {
            for (var start = 0; start + length <= marked.Length; start++, grams++) AddSigns(signs, marked.Slice(start, length));
        }

        return grams;
    }

    private static bool IsDense(ReadOnlySpan<char> word)
    {
        foreach (var character in word)
        {
            if (character >= '\u2E80') return true;
        }

        return false;
    }

    private static void AddSigns(Span<int> signs, ReadOnlySpan<char> gram)
    {
        var bytes = MemoryMarshal.AsBytes(gram);
        ulong bits = 0;
        for (var i = 0; i < signs.Length; i++)
        {
            if (i % 64 == 0) bits = XxHash64.HashToUInt64(bytes, seed: i);
            signs[i] += (bits & 1) == 0 ? -1 : 1;
            bits >>= 1;
        }
    }
}
