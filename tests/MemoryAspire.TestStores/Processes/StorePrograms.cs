namespace MemoryAspire.TestStores.Processes;

/// <summary>Where the stores' programs are; a missing one is named together with the command that installs it.</summary>
internal static class StorePrograms
{
    private const string DebianPostgres = "/usr/lib/postgresql";

    /// <summary>The folder that holds both <c>initdb</c> and <c>postgres</c>.</summary>
    public static string PostgresFolder() =>
        PathFolders().Select(Unlinked).Concat(DebianFolders())
            .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "postgres")))
        ?? throw Missing("PostgreSQL (initdb, postgres)", "postgresql");

    public static string Redis() => OnPath("redis-server") ?? throw Missing("redis-server", "redis-server");

    public static string? OnPath(string program) =>
        PathFolders().Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    private static string[] PathFolders() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Links on the path lead to the folder of one version, which then also names what is made with it.</summary>
    private static string Unlinked(string folder)
    {
        var postgres = new FileInfo(Path.Combine(folder, "postgres"));
        return postgres.Exists && postgres.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target ? target.DirectoryName! : folder;
    }

    /// <summary>Debian keeps every major version in its own folder, off the path; the newest first.</summary>
    private static IEnumerable<string> DebianFolders() =>
        Directory.Exists(DebianPostgres)
            ? Directory.GetDirectories(DebianPostgres)
                .OrderByDescending(folder => int.TryParse(Path.GetFileName(folder), out var major) ? major : 0)
                .Select(folder => Path.Combine(folder, "bin"))
            : [];

    private static InvalidOperationException Missing(string what, string package) =>
        new($"These tests need {what}, which is neither on PATH nor in its usual folder. Install it: sudo apt-get install -y {package}");
}
