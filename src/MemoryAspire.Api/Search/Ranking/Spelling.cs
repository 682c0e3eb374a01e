using MemoryAspire.Postgres.Searching;

namespace MemoryAspire.Api.Search;

/// <summary>
/// Finds, for words that no memory of a scope has, the ones spelt most alike that some have, by the share of common trigrams as
/// PostgreSQL's <c>pg_trgm</c> counts them. Comparing with the words that are there needs no index of the contents.
/// </summary>
internal static class Spelling
{
    private const double LikenessMin = 0.4;

    private const int LengthMin = 4;

    /// <summary>The terms, with what may have been meant in the place of words that are nowhere; null when there is nothing better.</summary>
    public static IReadOnlyList<SearchTerm>? Correct(IReadOnlyList<SearchTerm> terms, Func<int, bool> isFound, IReadOnlyList<string> vocabulary)
    {
        var corrected = terms.ToArray();
        var changed = false;
        for (var at = 0; at < corrected.Length; at++)
        {
            if (isFound(at) || WordOf(terms[at]) is not { } word || MostAlike(word, vocabulary) is not { } meant) continue;
            corrected[at] = new SearchTerm(Quote(meant), false);
            changed = true;
        }

        return changed ? corrected : null;
    }

    public static double Likeness(string left, string right)
    {
        var (one, other) = (Trigrams(left), Trigrams(right));
        var common = one.Count(other.Contains);
        return (double)common / (one.Count + other.Count - common);
    }

    private static string? MostAlike(string word, IReadOnlyList<string> vocabulary) => vocabulary
        .Where(one => one.Length >= LengthMin && Math.Abs(one.Length - word.Length) <= 3)
        .Select(one => (Word: one, Likeness: Likeness(word, one)))
        .Where(one => one.Likeness >= LikenessMin)
        .OrderByDescending(one => one.Likeness).ThenBy(one => one.Word, StringComparer.Ordinal)
        .Select(one => one.Word)
        .FirstOrDefault();

    private static HashSet<string> Trigrams(string word)
    {
        var marked = $"  {word} ";
        var trigrams = new HashSet<string>(StringComparer.Ordinal);
        for (var at = 0; at + 3 <= marked.Length; at++) trigrams.Add(marked.Substring(at, 3));
        return trigrams;
    }

    /// <summary>The word of a term that is one plain word, long enough to be misspelt.</summary>
    private static string? WordOf(SearchTerm term)
    {
        if (term.IsRequired || term.Query.Length < LengthMin + 2 || term.Query[0] != '\'' || term.Query[^1] != '\'') return null;
        var word = term.Query[1..^1];
        return word.AsSpan().IndexOfAny('\'', '\\') < 0 ? word : null;
    }

    private static string Quote(string word) => $"'{word.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal)}'";
}
