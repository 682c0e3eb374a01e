namespace MemoryAspire.Crash.Tests.Stacks;

/// <summary>A table between two marks of a page in docs/, one row per case. With <c>UPDATE_DOCS=1</c> a run of all cases writes it.</summary>
/// <param name="mark">The marks are comments, <c>mark</c> and <c>/mark</c>.</param>
/// <param name="title">The heads of the columns and the line under them.</param>
/// <param name="cases">In the order of the rows.</param>
internal sealed class DocumentedTable<TCase, TRow>(string page, string mark, string title, IReadOnlyList<TCase> cases)
    where TCase : notnull
    where TRow : notnull
{
    private readonly string _begin = $"<!-- {mark} -->";
    private readonly string _end = $"<!-- /{mark} -->";
    private readonly Dictionary<TCase, TRow> _rows = [];

    private string File => Path.Combine(Root(), "docs", page);

    /// <summary>Whether this run writes the table, and so does not compare it.</summary>
    public bool IsUpdated { get; } = Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1";

    /// <summary>Takes a row; the one in the docs must say the same.</summary>
    public void Record(TCase of, TRow row)
    {
        _rows[of] = row;
        if (!IsUpdated) Assert.True(Documented().Contains(row.ToString()), $"{page} does not have the row{Environment.NewLine}{row}");
    }

    /// <summary>The rows that the docs have.</summary>
    public IReadOnlyList<string> Documented() => [.. Split().Table.Split('\n').Where(line => line.StartsWith('|')).Skip(2)];

    public void Publish()
    {
        if (!IsUpdated || _rows.Count < cases.Count) return;
        var (before, _, after) = Split();
        System.IO.File.WriteAllText(File, $"{before}\n{title}\n{string.Join('\n', cases.Select(of => _rows[of]))}\n{after}");
    }

    private (string Before, string Table, string After) Split()
    {
        var text = System.IO.File.ReadAllText(File);
        var (begin, end) = (text.IndexOf(_begin, StringComparison.Ordinal) + _begin.Length, text.IndexOf(_end, StringComparison.Ordinal));
        Assert.True(begin >= _begin.Length && end >= begin, $"{File} has no {_begin} and {_end}.");
        return (text[..begin], text[begin..end], text[end..]);
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!System.IO.File.Exists(Path.Combine(folder.FullName, "MemoryAspire.sln"))) folder = folder.Parent ?? throw new InvalidOperationException("The repository was not found.");
        return folder.FullName;
    }
}
