namespace MemoryAspire.TestStores.Processes;

/// <summary>
/// Who runs a store. PostgreSQL refuses to run as root, so root drops to an unprivileged user; every store dies
/// with this process, also when it is killed.
/// </summary>
internal static class StoreUser
{
    private const string Postgres = "postgres";
    private const string Fallback = "nobody";

    public static bool IsRoot { get; } = OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess;

    private static readonly string? Setpriv = StorePrograms.OnPath("setpriv");
    private static readonly string Name = UserExists(Postgres) ? Postgres : Fallback;

    /// <summary>The name under which files are kept apart from those of other users of the machine.</summary>
    public static string FolderName => IsRoot ? $"root-{Name}" : Environment.UserName;

    /// <summary>The command that runs <paramref name="program"/> as the unprivileged user, bound to this process.</summary>
    public static string[] Unprivileged(string program, params IEnumerable<string> arguments) =>
        IsRoot
            ? [RequiredSetpriv(), $"--reuid={Name}", $"--regid={Group()}", "--clear-groups", "--pdeathsig", "KILL", "--", program, .. arguments]
            : Bound(program, arguments);

    /// <summary>The command that runs <paramref name="program"/> as the present user, bound to this process.</summary>
    public static string[] Bound(string program, params IEnumerable<string> arguments) =>
        Setpriv is null ? [program, .. arguments] : [Setpriv, "--pdeathsig", "KILL", "--", program, .. arguments];

    private static string Group() => Name == Postgres ? Postgres : "nogroup";

    private static string RequiredSetpriv() =>
        Setpriv ?? throw new InvalidOperationException(
            "PostgreSQL does not run as root, and setpriv, which drops to another user, is missing. Install it: sudo apt-get install -y util-linux");

    private static bool UserExists(string name) =>
        File.Exists("/etc/passwd") && File.ReadLines("/etc/passwd").Any(line => line.StartsWith(name + ":", StringComparison.Ordinal));
}
