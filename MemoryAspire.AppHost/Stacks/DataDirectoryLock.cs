using System.Globalization;

namespace MemoryAspire.AppHost.Stacks;

/// <summary>Held by the one process that runs a stack on a data directory; let go by the system when that process ends, however it ends.</summary>
internal sealed class DataDirectoryLock : IDisposable
{
    private readonly FileStream file;
    private readonly string processIdPath;

    private DataDirectoryLock(FileStream file, string processIdPath)
    {
        this.file = file;
        this.processIdPath = processIdPath;
    }

    public static DataDirectoryLock Take(string directory)
    {
        var file = TryOpen(directory) ?? throw new StackProblem(InUse(directory));
        var processIdPath = ProcessIdPath(directory);
        AtomicFile.Write(processIdPath, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        return new(file, processIdPath);
    }

    /// <summary>The process that runs a stack on this directory, or null when none does.</summary>
    public static int? RunningHost(string directory)
    {
        if (!File.Exists(LockPath(directory))) return null;
        using var free = TryOpen(directory);
        return free is null ? HolderOf(directory) : null;
    }

    public static string InUse(string directory) =>
        $"The data directory {directory} is in use by the process {HolderOf(directory)?.ToString(CultureInfo.InvariantCulture) ?? "(unknown)"}. "
        + $"Stop it with ./run.sh --stop, or set {DataDirectory.Variable} to another directory.";

    public void Dispose()
    {
        File.Delete(processIdPath);
        file.Dispose();
    }

    private static FileStream? TryOpen(string directory)
    {
        try
        {
            return new FileStream(LockPath(directory), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static int? HolderOf(string directory) =>
        File.Exists(ProcessIdPath(directory)) && int.TryParse(File.ReadAllText(ProcessIdPath(directory)), CultureInfo.InvariantCulture, out var pid) ? pid : null;

    private static string LockPath(string directory) => Path.Combine(directory, "lock");

    private static string ProcessIdPath(string directory) => Path.Combine(directory, "host.pid");
}
