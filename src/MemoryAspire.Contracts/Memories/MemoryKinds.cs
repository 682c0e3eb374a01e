namespace MemoryAspire.Contracts.Memories;

/// <summary>Kinds as PostgreSQL, Redis and the index keep them: the words of the public contract.</summary>
public static class MemoryKinds
{
    public static string ToText(this MemoryKind kind) => kind switch
    {
        MemoryKind.Episodic => "episodic",
        MemoryKind.Semantic => "semantic",
        MemoryKind.Procedural => "procedural",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    public static bool TryParse(string text, out MemoryKind kind)
    {
        (var known, kind) = text switch
        {
            "episodic" => (true, MemoryKind.Episodic),
            "semantic" => (true, MemoryKind.Semantic),
            "procedural" => (true, MemoryKind.Procedural),
            _ => (false, default),
        };
        return known;
    }

    public static MemoryKind Parse(string text) =>
        TryParse(text, out var kind) ? kind : throw new FormatException($"There is no kind '{text}'.");
}
