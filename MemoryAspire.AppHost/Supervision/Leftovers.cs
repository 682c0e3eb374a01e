using System.Diagnostics;
using System.Globalization;
using System.Text;
using MemoryAspire.AppHost.Stacks;

namespace MemoryAspire.AppHost.Supervision;

/// <summary>
/// Processes of an earlier stack on the same data directory whose host is gone. Two writers on the same files would ruin them, so
/// they are ended before a new stack begins. Linux tells by each process's environment and working directory.
/// </summary>
internal static class Leftovers
{
    private static readonly TimeSpan PatienceMax = TimeSpan.FromSeconds(10);

    public static IReadOnlyList<int> Find(string directory)
    {
        if (!OperatingSystem.IsLinux()) return [];
        return [.. Directory.EnumerateDirectories("/proc")
            .Select(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var pid) ? pid : 0)
            .Where(pid => pid > 1 && pid != Environment.ProcessId && Tells(pid, of => Belongs(of, directory)))];
    }

    public static void End(string directory)
    {
        var patience = Stopwatch.StartNew();
        // The guardian of a host that was killed is ending them in good order: that comes first.
        while (Find(directory).Count > 0 && patience.Elapsed < PatienceMax / 2) Pause();
        while (Find(directory) is { Count: > 0 } left)
        {
            if (patience.Elapsed > PatienceMax)
                throw new StackProblem($"Processes of an earlier stack still use {directory} and could not be ended: {string.Join(", ", left)}.");
            foreach (var pid in left) Kill(pid);
            Pause();
        }
    }

    /// <summary>What a program that died has left behind. Aspire runs a project by <c>dotnet run</c>, and when that is killed the project lives on.</summary>
    public static void EndResource(string directory, string resource)
    {
        var marker = $"{Stack.ResourceMarker}={resource}";
        foreach (var pid in Find(directory).Where(pid => Tells(pid, of => Variables(of).Contains(marker)))) Kill(pid);
    }

    private static bool Tells(int pid, Func<int, bool> look)
    {
        try
        {
            return look(pid);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false; // It ended while it was looked at, or is another user's.
        }
    }

    private static bool Belongs(int pid, string directory)
    {
        var workingDirectory = new FileInfo($"/proc/{pid}/cwd").LinkTarget;
        if (workingDirectory is not null && (workingDirectory + "/").StartsWith(directory + "/", StringComparison.Ordinal) && IsStore(pid)) return true;
        return Variables(pid).Contains($"{Stack.Marker}={directory}");
    }

    private static string[] Variables(int pid) => File.ReadAllText($"/proc/{pid}/environ", Encoding.UTF8).Split('\0');

    // PostgreSQL writes its title over its environment. A person's shell that stands in the directory is not ours to end.
    private static bool IsStore(int pid) => File.ReadAllText($"/proc/{pid}/comm").Trim() is "postgres" or "redis-server";

    private static void Kill(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            process.Kill();
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException)
        {
            return; // It ended by itself.
        }
    }

    private static void Pause()
    {
        using var never = new ManualResetEventSlim();
        never.Wait(TimeSpan.FromMilliseconds(50));
    }
}
