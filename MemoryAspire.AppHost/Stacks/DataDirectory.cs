using System.Security.Cryptography;
using System.Text;
using MemoryAspire.AppHost.NativePrograms;

namespace MemoryAspire.AppHost.Stacks;

/// <summary>Decides where a stack keeps its data.</summary>
internal static class DataDirectory
{
    public const string Variable = "MEMORY_DATA_DIR";

    private const string SharedParent = "/var/lib/memory-aspire";

    /// <summary>
    /// The directory that was asked for, or <c>.data</c> in the repository; or, when that lies where the unprivileged user of the
    /// native stores cannot go, as in root's home, one of this repository's own below <see cref="SharedParent"/>.
    /// </summary>
    public static string Choose(string? asked)
    {
        var user = UnprivilegedUser.Postgres;
        if (!string.IsNullOrWhiteSpace(asked))
        {
            var given = Path.GetFullPath(asked);
            if (user is null || user.CanReach(given)) return given;
            throw new StackProblem(
                $"PostgreSQL refuses to run as root and would run as '{user.Name}', who cannot reach {given}. "
                + $"Set {Variable} to a directory that every user can reach, such as {SharedParent}/data.");
        }

        var usual = Path.Combine(Repository(), ".data");
        return user is null || user.CanReach(usual) ? usual : Path.Combine(SharedParent, ShortHash(usual));
    }

    /// <summary>Makes the directory and shows that it can be written, before anything is begun in it.</summary>
    public static void Prepare(string directory)
    {
        try
        {
            Directory.CreateDirectory(directory);
            var probe = Path.Combine(directory, $".probe-{Environment.ProcessId}");
            using (var file = new FileStream(probe, FileMode.Create, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose))
            {
                file.Write(new byte[4096]);
                file.Flush(flushToDisk: true);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StackProblem($"The data directory {directory} cannot be written: {failure.Message} Set {Variable} to another directory.", failure);
        }
    }

    private static string Repository()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "MemoryAspire.sln"))) return directory.FullName;
        }

        return Environment.CurrentDirectory;
    }

    public static string ShortHash(string path) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)))[..12];
}
