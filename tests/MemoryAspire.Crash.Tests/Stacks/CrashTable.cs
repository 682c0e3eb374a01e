namespace MemoryAspire.Crash.Tests.Stacks;

/// <summary>What a crash led to, in words that are the same every time.</summary>
/// <param name="Told">What the client of the write was told.</param>
/// <param name="Stored">What of it was there afterwards.</param>
/// <param name="Meanwhile">What the next write was told while the victim was away.</param>
/// <param name="Repeated">What repeating the write with its Idempotency-Key did.</param>
internal sealed record CrashRow(CrashCell Cell, string Told, string Stored, string Meanwhile, string Repeated)
{
    public override string ToString() => $"| {Cell.Step} | {Cell.Victim} | {Told} | {Stored} | {Meanwhile} | {Repeated} |";
}

/// <summary>The table in docs/transactions.md. With <c>UPDATE_DOCS=1</c> a run of all cells writes it.</summary>
internal sealed class CrashTable
{
    private const string Begin = "<!-- crash matrix -->";
    private const string End = "<!-- /crash matrix -->";
    private const string Title =
        """
        | step | killed | the client was told | of the write is stored | a write meanwhile | repeated with its key |
        |---|---|---|---|---|---|
        """;

    private readonly Dictionary<CrashCell, CrashRow> _rows = [];

    private static string File => Path.Combine(Root(), "docs", "transactions.md");

    /// <summary>Whether this run writes the table, and so does not compare it.</summary>
    public static bool IsUpdated => Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1";

    /// <summary>Takes a row; the one in the docs must say the same.</summary>
    public void Record(CrashRow row)
    {
        _rows[row.Cell] = row;
        if (!IsUpdated) Assert.Contains(row.ToString(), Documented());
    }

    /// <summary>The rows that the docs have.</summary>
    public static IReadOnlyList<string> Documented()
    {
        var (_, table, _) = Split();
        return [.. table.Split('\n').Where(line => line.StartsWith('|')).Skip(2)];
    }

    public void Publish()
    {
        if (!IsUpdated || _rows.Count < CrashCell.All.Count) return;
        var (before, _, after) = Split();
        System.IO.File.WriteAllText(File, $"{before}\n{Title}\n{string.Join('\n', CrashCell.All.Select(cell => _rows[cell]))}\n{after}");
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
