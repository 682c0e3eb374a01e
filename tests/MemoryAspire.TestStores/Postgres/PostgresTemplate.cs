using MemoryAspire.TestStores.Processes;

namespace MemoryAspire.TestStores.Postgres;

/// <summary>
/// One initialized data folder per user and PostgreSQL version, made once and copied for every server: a copy takes a
/// tenth of a second, initdb takes seconds.
/// </summary>
internal static class PostgresTemplate
{
    public const string User = "postgres";
    public const string Password = "memory-tests";

    /// <summary>Part of the folder's name: raise it when the settings below change.</summary>
    private const int Format = 1;
    private static readonly TimeSpan LockMax = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LockPoll = TimeSpan.FromMilliseconds(50);

    public static async Task CopyToAsync(string binaries, string target)
    {
        var template = await EnsureAsync(binaries);
        await StoreCommand.RunAsync(StoreUser.Unprivileged("cp", "-a", template, target));
    }

    private static async Task<string> EnsureAsync(string binaries)
    {
        var root = await StoreFolders.RootAsync();
        var template = Path.Combine(root, $"template-{Format}-{FolderName(binaries)}");
        if (Directory.Exists(template)) return template;

        await using var held = await LockAsync(template + ".lock");
        if (!Directory.Exists(template)) await MakeAsync(binaries, template);
        return template;
    }

    /// <summary>The folder gets its name when it is complete, so that a torn one is never taken for a template.</summary>
    private static async Task MakeAsync(string binaries, string template)
    {
        var unfinished = template + ".unfinished";
        var passwordFile = template + ".password";
        StoreFolders.Remove(unfinished);
        await File.WriteAllTextAsync(passwordFile, Password);
        await StoreCommand.RunAsync(StoreUser.Unprivileged(
            Path.Combine(binaries, "initdb"), "--pgdata", unfinished, "--no-sync", "--username", User, "--pwfile", passwordFile,
            "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8"));
        File.Delete(passwordFile);
        Directory.Move(unfinished, template);
    }

    private static async Task<FileStream> LockAsync(string path)
    {
        var deadline = DateTime.UtcNow + LockMax;
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (DateTime.UtcNow < deadline)
            {
                await Task.Delay(LockPoll);
            }
        }
    }

    private static string FolderName(string binaries) =>
        string.Concat(binaries.Trim('/').Select(character => char.IsAsciiLetterOrDigit(character) ? character : '-'));
}
