namespace MemoryAspire.TestStores.Tests;

/// <summary>The system's processes; those that ended and only wait to be collected do not count.</summary>
internal static class ProcessTable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    public static bool Runs(int processId) => Stat(processId) is { State: not "Z" };

    public static int[] ChildrenOf(int processId) =>
        [.. Directory.GetDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), out var id) ? id : 0)
            .Where(id => id > 0 && Stat(id)?.Parent == processId)];

    public static async Task<bool> EndsAsync(int processId, TimeSpan within)
    {
        var deadline = DateTime.UtcNow + within;
        while (Runs(processId) && DateTime.UtcNow < deadline) await Task.Delay(Poll, TestContext.Current.CancellationToken);
        return !Runs(processId);
    }

    private static (string State, int Parent)? Stat(int processId)
    {
        try
        {
            // The name, in parentheses, may hold anything; the state and the parent follow its last parenthesis.
            var stat = File.ReadAllText($"/proc/{processId}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (fields[0], int.Parse(fields[1], null));
        }
        catch (IOException)
        {
            return null;
        }
    }
}
