namespace MemoryAspire.Bench.Reporting;

/// <summary>Puts a report between the marks of a Markdown file, or makes the file.</summary>
internal static class ReportFile
{
    public static void Write(string path, string markdown, string mark = "benchmark")
    {
        var (begin, end) = ($"<!-- {mark} -->", $"<!-- /{mark} -->");
        var marked = $"{begin}\n{markdown}{end}";
        var text = File.Exists(path) ? Replace(File.ReadAllText(path), marked, begin, end) : marked + "\n";
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder) Directory.CreateDirectory(folder);
        File.WriteAllText(path, text);
    }

    /// <summary>A file without the marks is another one's: it is replaced only by name, that is, never here.</summary>
    private static string Replace(string text, string marked, string begin, string end)
    {
        var (from, to) = (text.IndexOf(begin, StringComparison.Ordinal), text.IndexOf(end, StringComparison.Ordinal));
        return from >= 0 && to > from
            ? string.Concat(text.AsSpan(0, from), marked, text.AsSpan(to + end.Length))
            : throw new InvalidOperationException($"The output file exists and has no {begin} and {end}.");
    }
}
