using System.Text;

namespace MemoryAspire.Postgres.Searching;

/// <summary>What a person wrote: "a phrase" in quotation marks, begin* for the beginning of a word, and words.</summary>
internal sealed record QueryText(string Words, IReadOnlyList<string> Phrases, IReadOnlyList<string> Prefixes)
{
    public static QueryText Parse(string text)
    {
        var words = new StringBuilder();
        var phrases = new List<string>();
        var prefixes = new List<string>();
        var parts = text.Split('"');
        for (var at = 0; at < parts.Length; at++)
        {
            // The odd parts are within marks; the last mark may have no other.
            if (at % 2 == 1 && at < parts.Length - 1)
            {
                if (!string.IsNullOrWhiteSpace(parts[at])) phrases.Add(parts[at]);
                continue;
            }

            foreach (var word in parts[at].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            {
                if (word.Length > 1 && word[^1] == '*' && word.AsSpan(0, word.Length - 1).IndexOfAnyExcept(Letters) < 0) prefixes.Add(word[..^1]);
                else words.Append(word).Append(' ');
            }
        }

        return new QueryText(words.ToString(), phrases, prefixes);
    }

    private static readonly System.Buffers.SearchValues<char> Letters =
        System.Buffers.SearchValues.Create([.. Enumerable.Range(0, char.MaxValue).Select(code => (char)code).Where(char.IsLetterOrDigit)]);
}
