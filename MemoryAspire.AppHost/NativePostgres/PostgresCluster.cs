using System.Globalization;
using MemoryAspire.AppHost.NativePrograms;
using MemoryAspire.AppHost.Stacks;
using MemoryAspire.AppHost.Supervision;
using Microsoft.Extensions.Logging;

namespace MemoryAspire.AppHost.NativePostgres;

/// <summary>PostgreSQL's data directory: made once, whole or not at all, and never opened by two servers.</summary>
internal sealed class PostgresCluster(string directory, UnprivilegedUser? user)
{
    private static readonly TimeSpan InitMax = TimeSpan.FromMinutes(2);

    public string Data { get; } = Path.Combine(directory, "data");

    public int? Version =>
        File.Exists(Path.Combine(Data, "PG_VERSION")) && int.TryParse(File.ReadAllText(Path.Combine(Data, "PG_VERSION")), CultureInfo.InvariantCulture, out var version)
            ? version
            : null;

    public async Task PrepareAsync(PostgresPrograms programs, string password, ILogger logger, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(directory)) UnprivilegedUser.CreatePrivateDirectory(user, directory);
        // Backends outlive a killed server for a moment, and a new server must not begin before they are gone.
        Leftovers.End(directory);
        if (Directory.Exists(Data)) return;
        Log.CreatingCluster(logger, Data);
        foreach (var halfMade in Directory.EnumerateDirectories(directory, "data.new*")) Directory.Delete(halfMade, recursive: true);
        await InitializeAsync(programs, password, cancellationToken);
    }

    private async Task InitializeAsync(PostgresPrograms programs, string password, CancellationToken cancellationToken)
    {
        var beside = $"{Data}.new";
        var passwordFile = Path.Combine(directory, "password.new");
        AtomicFile.Write(passwordFile, password, secret: true);
        UnprivilegedUser.GiveTo(user, passwordFile);
        try
        {
            // Written to the disk once at the end, which is three times as fast as file by file.
            await RunAsync(
                programs,
                ["-D", beside, "-U", "postgres", "-A", "scram-sha-256", $"--pwfile={passwordFile}", "-E", "UTF8", $"--locale={Locale}", "--no-sync"],
                cancellationToken);
            await RunAsync(programs, ["-D", beside, "--sync-only"], cancellationToken);
            Directory.Move(beside, Data);
        }
        catch
        {
            if (Directory.Exists(beside)) Directory.Delete(beside, recursive: true);
            throw;
        }
        finally
        {
            File.Delete(passwordFile);
        }
    }

    private async Task RunAsync(PostgresPrograms programs, string[] arguments, CancellationToken cancellationToken)
    {
        string[] words = [.. user?.Prefix ?? [], programs.InitDb, .. arguments];
        var (exitCode, output) = await Tool.RunAsync(words[0], words[1..], InitMax, cancellationToken);
        if (exitCode != 0) throw new StackProblem($"PostgreSQL's data directory could not be made in {directory}: {LastLines(output)}");
    }

    private static string Locale => OperatingSystem.IsLinux() ? "C.UTF-8" : "en_US.UTF-8";

    private static string LastLines(string output) =>
        string.Join(" ", output.Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(4).Select(line => line.Trim()));
}
