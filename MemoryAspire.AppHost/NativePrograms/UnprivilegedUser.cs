namespace MemoryAspire.AppHost.NativePrograms;

/// <summary>Whom the native stores run as when the stack is started by root: PostgreSQL refuses to be root, and Redis need not be.</summary>
internal sealed record UnprivilegedUser(string Name, string Group)
{
    public static UnprivilegedUser? Postgres { get; } = Find("postgres");

    public static UnprivilegedUser? Redis { get; } = Find("redis");

    /// <summary>The words before a command that make it run as this user.</summary>
    public IReadOnlyList<string> Prefix { get; } = ["setpriv", $"--reuid={Name}", $"--regid={Group}", "--init-groups"];

    public bool CanReach(string path)
    {
        var existing = path;
        while (!Directory.Exists(existing)) existing = Path.GetDirectoryName(existing) ?? "/";
        return Tool.Run(Prefix[0], [.. Prefix.Skip(1), "test", "-x", existing]).ExitCode == 0;
    }

    /// <summary>Makes a directory that only this user, or without one whoever runs this, can enter.</summary>
    public static void CreatePrivateDirectory(UnprivilegedUser? owner, string path)
    {
        if (!OperatingSystem.IsWindows())
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        GiveTo(owner, path);
    }

    public static void GiveTo(UnprivilegedUser? owner, string path)
    {
        if (owner is null) return;
        var (exitCode, output) = Tool.Run("chown", $"{owner.Name}:{owner.Group}", path);
        if (exitCode != 0) throw new Stacks.StackProblem($"{path} could not be given to the user '{owner.Name}': {output.Trim()}");
    }

    private static UnprivilegedUser? Find(string preferred)
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess) return null;
        var users = File.ReadLines("/etc/passwd").Select(line => line.Split(':')[0]).ToHashSet();
        var groups = File.ReadLines("/etc/group").Select(line => line.Split(':')[0]).ToHashSet();
        var user = users.Contains(preferred) ? preferred : "nobody";
        return new(user, groups.Contains(user) ? user : "nogroup");
    }
}
