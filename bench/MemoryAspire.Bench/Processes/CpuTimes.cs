using System.Globalization;
using MemoryAspire.TestServices;

namespace MemoryAspire.Bench.Processes;

/// <summary>The processor time that each part of the stack, and this process, has used so far. Empty where there is no /proc.</summary>
internal static class CpuTimes
{
    /// <summary>Linux counts processor time in hundredths of a second for every program.</summary>
    private const double TicksPerSecond = 100;

    public const string Load = "the load itself";

    public static IReadOnlyDictionary<string, TimeSpan> Read(ServiceStack stack)
    {
        if (!Directory.Exists("/proc/self")) return new Dictionary<string, TimeSpan>();
        return new Dictionary<string, TimeSpan>
        {
            ["memory-api"] = Own(stack.Api.ProcessId),
            ["memory-index"] = Own(stack.Index.ProcessId),
            ["reconciler"] = Own(stack.Reconciler.ProcessId),
            ["redis"] = Own(stack.Redis.ProcessId),
            ["postgres"] = WithChildren(stack.Postgres.ProcessId),
            [Load] = Own(Environment.ProcessId),
        };
    }

    /// <summary>The memory a process holds, in MiB.</summary>
    public static double ResidentMegabytes(int process)
    {
        if (!Directory.Exists("/proc/self")) return double.NaN;
        var line = File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }

    private static TimeSpan Own(int process) => Stat(process) is { } stat ? stat.Own : TimeSpan.Zero;

    /// <summary>With the children that live and those that have ended.</summary>
    private static TimeSpan WithChildren(int process)
    {
        if (Stat(process) is not { } parent) return TimeSpan.Zero;
        var total = parent.Own + parent.Ended;
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) && Stat(id) is { } child && child.Parent == process) total += child.Own;
        }

        return total;
    }

    /// <summary>proc(5): the fields behind the name, which may hold anything.</summary>
    private static (int Parent, TimeSpan Own, TimeSpan Ended)? Stat(int process)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{process}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return (int.Parse(fields[1], CultureInfo.InvariantCulture), Sum(fields[11], fields[12]), Sum(fields[13], fields[14]));
        }
        catch (IOException)
        {
            // It has ended.
            return null;
        }
    }

    private static TimeSpan Sum(string user, string system) =>
        TimeSpan.FromSeconds((long.Parse(user, CultureInfo.InvariantCulture) + long.Parse(system, CultureInfo.InvariantCulture)) / TicksPerSecond);
}
