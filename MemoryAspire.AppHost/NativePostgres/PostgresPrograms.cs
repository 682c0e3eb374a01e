using System.Globalization;
using MemoryAspire.AppHost.NativePrograms;
using MemoryAspire.AppHost.Stacks;

namespace MemoryAspire.AppHost.NativePostgres;

/// <summary>The PostgreSQL of this machine: where its programs are, and which version it is.</summary>
internal sealed record PostgresPrograms(string Directory, int Version)
{
    public const string HowToInstall =
        "Install it (Debian, Ubuntu: apt-get install postgresql; macOS: brew install postgresql@17), or run eng/embedded-postgres.sh.";

    private static readonly string[] VersionedParents = ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt"];

    public string Server => Path.Combine(Directory, "postgres");

    public string InitDb => Path.Combine(Directory, "initdb");

    /// <param name="dataVersion">The version that made the data directory, which no other can open; null when there is none yet.</param>
    public static PostgresPrograms Find(int? dataVersion)
    {
        var found = Candidates().Distinct()
            .Where(directory => File.Exists(Path.Combine(directory, "postgres")) && File.Exists(Path.Combine(directory, "initdb")))
            .Select(directory => new PostgresPrograms(directory, VersionOf(directory))).ToList();
        if (found.Count == 0) throw new StackProblem($"PostgreSQL was not found. {HowToInstall}");
        return found.FirstOrDefault(programs => dataVersion is null || programs.Version == dataVersion) ?? throw new StackProblem(
            $"The data was made by PostgreSQL {dataVersion}, and only {string.Join(", ", found.Select(programs => programs.Version))} is installed. "
            + $"Install PostgreSQL {dataVersion}, or set {DataDirectory.Variable} to another directory.");
    }

    /// <summary>Where eng/embedded-postgres.sh unpacks the programs when the system has none.</summary>
    private static string EmbeddedCache()
    {
        var cache = Environment.IsPrivilegedProcess
            ? "/var/cache"
            : Environment.GetEnvironmentVariable("XDG_CACHE_HOME") ?? Path.Combine(Environment.GetEnvironmentVariable("HOME") ?? "/tmp", ".cache");
        return Path.Combine(cache, "memory-aspire", "postgres", "native", "bin");
    }

    private static IEnumerable<string> Candidates()
    {
        if (Tool.OnPath("postgres") is { } onPath) yield return Path.GetDirectoryName(File.ResolveLinkTarget(onPath, returnFinalTarget: true)?.FullName ?? onPath)!;
        foreach (var parent in VersionedParents.Where(System.IO.Directory.Exists))
        {
            foreach (var version in System.IO.Directory.EnumerateDirectories(parent).OrderByDescending(Number)) yield return Path.Combine(version, "bin");
        }

        yield return EmbeddedCache();
    }

    private static int Number(string path) =>
        int.TryParse(Path.GetFileName(path).Split('@')[^1], CultureInfo.InvariantCulture, out var number) ? number : 0;

    // "postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)", and "18beta1" before a release.
    private static int VersionOf(string directory)
    {
        var words = Tool.Run(Path.Combine(directory, "postgres"), "--version").Output.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var version = words.FirstOrDefault(word => char.IsAsciiDigit(word[0])) ?? "0";
        return int.Parse(string.Concat(version.TakeWhile(char.IsAsciiDigit)), CultureInfo.InvariantCulture);
    }
}
