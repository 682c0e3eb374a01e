using System.Globalization;

namespace MemoryAspire.Bench.Reporting;

/// <summary>Collects what the measures found.</summary>
internal sealed class Report
{
    private readonly List<string[]> _rows = [];
    private readonly List<(string Title, IReadOnlyDictionary<string, double> Used)> _cpu = [];
    private readonly List<string> _details = [];
    private readonly List<string> _notes = [];
    private readonly HashSet<string> _problems = [];

    /// <summary>Whether the figures mean nothing.</summary>
    public bool IsBroken => _problems.Count > 0;

    public void Row(string title, FormattableString ours, FormattableString baseline, FormattableString result, FormattableString must, FormattableString aim, bool meetsMust, bool meetsAim) =>
        _rows.Add([title, Text(ours), Text(baseline), Text(result), Text(must), Text(aim), meetsAim ? "aim met" : meetsMust ? "met" : "**missed**"]);

    public void Cpu(string title, IReadOnlyDictionary<string, double> microseconds) => _cpu.Add((title, microseconds));

    public void Detail(FormattableString text) => _details.Add(Text(text));

    public void Detail(string text) => _details.Add(text);

    public void Note(string text) => _notes.Add(text);

    /// <summary>Says that something went wrong: the run fails, and its figures count for nothing.</summary>
    public void Problem(string text) => _problems.Add(text);

    public string ToMarkdown()
    {
        var lines = new List<string>();
        if (IsBroken) lines.AddRange(["**This run is broken; its figures mean nothing.**", "", .. _problems.Order(StringComparer.Ordinal).Select(Item), ""]);
        lines.AddRange(_notes.Select(note => note + "\\"));
        if (lines.Count > 0) lines.Add("");
        lines.AddRange(Table(["measure", "MemoryAspire", "baseline", "result", "must", "aim", ""], _rows));
        if (_cpu.Count > 0)
        {
            var parts = _cpu.SelectMany(measure => measure.Used.Keys).Distinct().ToList();
            lines.AddRange(["", "Processor time per memory, in microseconds:", ""]);
            lines.AddRange(Table(
                ["measure", .. parts, "all"],
                _cpu.Select(measure => (string[])[measure.Title, .. parts.Select(part => Number(measure.Used[part])), Number(measure.Used.Values.Sum())])));
        }

        return string.Join('\n', [.. lines, "", .. _details.Select(Item), ""]);
    }

    private static string Item(string text) => $"- {text}";

    private static string Number(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static IEnumerable<string> Table(string[] titles, IEnumerable<string[]> rows) =>
        [Line(titles), Line([.. titles.Select(_ => "---")]), .. rows.Select(Line)];

    private static string Line(string[] cells) => $"| {string.Join(" | ", cells)} |";
}
