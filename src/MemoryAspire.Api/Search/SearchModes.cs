namespace MemoryAspire.Api.Search;

/// <summary>By what memories are found.</summary>
internal enum SearchMode
{
    Semantic,
    Keyword,
    Hybrid,
}

/// <summary>How the two orders of a hybrid search become one.</summary>
internal enum Fusion
{
    /// <summary>The weighted sum of both scores, with what stands beside.</summary>
    Weighted,

    /// <summary>Reciprocal ranks.</summary>
    Rrf,
}

internal static class SearchModes
{
    public static string ToText(this SearchMode mode) => mode switch
    {
        SearchMode.Semantic => "semantic",
        SearchMode.Keyword => "keyword",
        SearchMode.Hybrid => "hybrid",
        _ => throw new ArgumentOutOfRangeException(nameof(mode)),
    };
}
