namespace MemoryAspire.Bench.Reporting;

/// <summary>Puts a report between the marks of a Markdown file, or makes the file.</summary>
internal static class ReportFile
{
    private const string Begin = "<!-- benchmark -->";
    private const string End = "<!-- /benchmark -->";

    public static void Write(string path, string markdown)
    {
        var marked = $"{Begin}\n{markdown}{End}";
        var text = File.Exists(path) ? Replace(File.ReadAllText(path), marked) : marked + "\n";
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder) Directory.CreateDirectory(folder);
        File.WriteAllText(path, text);
    }

    /// <summary>A file without the marks is another one's: it is replaced only by name, that is, never here.</summary>
    private static string Replace(string text, string marked)
    {
        var (begin, end) = (text.IndexOf(Begin, StringComparison.Ordinal), text.IndexOf(End, StringComparison.Ordinal));
        return begin >= 0 && end > begin
            ? string.Concat(text.AsSpan(0, begin), marked, text.AsSpan(end + End.Length))
            : throw new InvalidOperationException($"The output file exists and has no {Begin} and {End}.");
    }
}
