namespace MemoryAspire.TestStores.Processes;

/// <summary>
/// Folders for templates and servers, under the temporary folder, reachable for the user who runs the stores.
/// A server's folder is named after the process that made it, so that what a killed process left is found and removed.
/// </summary>
internal static class StoreFolders
{
    private static readonly Lazy<Task<string>> Root = new(MakeRootAsync);
    private static int made;

    public static Task<string> RootAsync() => Root.Value;

    /// <summary>A path for a new server's data; the folder itself is not made.</summary>
    public static async Task<string> NewAsync(string store) =>
        Path.Combine(await RootAsync(), $"{store}.{Environment.ProcessId}.{Interlocked.Increment(ref made)}");

    public static void Remove(string folder)
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    private static async Task<string> MakeRootAsync()
    {
        var root = Path.Combine(ReachableTemporaryFolder(), $"memoryaspire-stores-{StoreUser.FolderName}");
        if (!Directory.Exists(root)) await StoreCommand.RunAsync(StoreUser.Unprivileged("mkdir", "-p", root));
        RemoveAbandoned(root);
        return root;
    }

    private static void RemoveAbandoned(string root)
    {
        foreach (var folder in Directory.GetDirectories(root))
        {
            if (Path.GetFileName(folder).Split('.') is [_, var owner, _] && !IsAlive(owner)) RemoveShared(folder);
        }
    }

    private static bool IsAlive(string processId) =>
        !Directory.Exists("/proc/self") || Directory.Exists($"/proc/{processId}");

    private static void RemoveShared(string folder)
    {
        try
        {
            Remove(folder);
        }
        catch (DirectoryNotFoundException)
        {
            // Another test process cleans up at the same time and was first.
        }
    }

    private static string ReachableTemporaryFolder() =>
        !StoreUser.IsRoot || IsReachable(Path.GetTempPath()) ? Path.GetTempPath() : "/tmp";

    private static bool IsReachable(string folder)
    {
        for (var part = new DirectoryInfo(folder); part is not null; part = part.Parent)
        {
            if (!OperatingSystem.IsWindows() && !part.UnixFileMode.HasFlag(UnixFileMode.OtherExecute)) return false;
        }
        return !OperatingSystem.IsWindows() && new DirectoryInfo(folder).UnixFileMode.HasFlag(UnixFileMode.OtherWrite);
    }
}
