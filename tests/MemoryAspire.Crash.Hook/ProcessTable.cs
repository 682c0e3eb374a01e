using System.Globalization;

namespace MemoryAspire.Crash.Hook;

/// <summary>The system's processes, as proc(5) shows them; those that ended and only wait to be collected do not count.</summary>
internal static class ProcessTable
{
    public static bool Runs(int process) => Stat(process) is { State: not "Z" };

    public static IEnumerable<int> ChildrenOf(int process) =>
        [.. Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id > 0 && Stat(id)?.Parent == process)];

    private static (string State, int Parent)? Stat(int process)
    {
        try
        {
            // The name, in parentheses, may hold anything; the state and the parent follow its last parenthesis.
            var stat = File.ReadAllText($"/proc/{process}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (fields[0], int.Parse(fields[1], CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            return null;
        }
    }
}
