namespace MemoryAspire.WordVectors;

/// <summary>English words that say how a sentence is built, not what it is about.</summary>
internal static class StopWords
{
    private static readonly HashSet<string> Words =
    [
        .. """
        a an the and or but if of to in on at by for with from as is am are was were be been being do does did done doing
        have has had having i me my mine myself you your yours yourself he him his himself she her hers herself it its
        itself we us our ours ourselves they them their theirs themselves this that these those there here what which who
        whom whose when where why how not no nor so than too very can could will would shall should may might must just
        about into over under again then once because while also
        """.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries),
    ];

    public static bool Contains(string word) => Words.Contains(word);

    /// <summary>The source has no words of one letter; without these two, every second text would hold an unknown word.</summary>
    public static void AddMissing(List<WordVector> words)
    {
        Add("a", like: "an");
        Add("i", like: "me");
        void Add(string word, string like) => words.Add(new(word, words.Single(other => other.Word == like).Vector));
    }
}
