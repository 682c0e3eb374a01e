namespace MemoryAspire.Crash.Tests.Losses;

/// <summary>What a loss led to, in words that are the same every time.</summary>
/// <param name="Read">Who answered a session read with a token meanwhile, and what the answer said was degraded.</param>
/// <param name="Write">What a write said of Redis meanwhile.</param>
/// <param name="After">Who answered a session read with that write's token.</param>
internal sealed record LossRow(string Loss, string Read, string Write, string After)
{
    public override string ToString() => $"| {Loss} | {Read} | {Write} | {After} |";
}

/// <summary>The table in docs/redis-loss.md. With <c>UPDATE_DOCS=1</c> a run of all losses writes it.</summary>
internal sealed class LossTable
{
    private const string Begin = "<!-- losses -->";
    private const string End = "<!-- /losses -->";
    private const string Title =
        """
        | what happens to Redis | a session read with a token, meanwhile | a write says of Redis | a session read with that write's token |
        |---|---|---|---|
        """;

    private readonly Dictionary<string, LossRow> _rows = [];

    private static string File => Path.Combine(Root(), "docs", "redis-loss.md");

    /// <summary>Whether this run writes the table, and so does not compare it.</summary>
    public static bool IsUpdated => Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1";

    /// <summary>Takes a row; the one in the docs must say the same.</summary>
    public void Record(LossRow row)
    {
        _rows[row.Loss] = row;
        if (!IsUpdated) Assert.Contains(row.ToString(), Documented());
    }

    /// <summary>The rows that the docs have.</summary>
    public static IReadOnlyList<string> Documented() => [.. Split().Table.Split('\n').Where(line => line.StartsWith('|')).Skip(2)];

    public void Publish()
    {
        if (!IsUpdated || _rows.Count < LossTests.All.Count) return;
        var (before, _, after) = Split();
        System.IO.File.WriteAllText(File, $"{before}\n{Title}\n{string.Join('\n', LossTests.All.Select(loss => _rows[loss]))}\n{after}");
    }

    private static (string Before, string Table, string After) Split()
    {
        var text = System.IO.File.ReadAllText(File);
        var (begin, end) = (text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, text.IndexOf(End, StringComparison.Ordinal));
        Assert.True(begin >= Begin.Length && end >= begin, $"{File} has no {Begin} and {End}.");
        return (text[..begin], text[begin..end], text[end..]);
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!System.IO.File.Exists(Path.Combine(folder.FullName, "MemoryAspire.sln"))) folder = folder.Parent ?? throw new InvalidOperationException("The repository was not found.");
        return folder.FullName;
    }
}
