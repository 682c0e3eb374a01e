using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace MemoryAspire.LocalRedis;

internal sealed record StandInOptions(string Directory, int Port, string Password)
{
    public const string PasswordVariable = "REDIS_PASSWORD";

    public static bool TryParse(string[] args, string? password, [NotNullWhen(true)] out StandInOptions? options, [NotNullWhen(false)] out string? problem)
    {
        options = null;
        problem = null;
        var directory = After(args, "--dir");
        if (string.IsNullOrEmpty(directory)) problem = "Name the data directory: --dir DIRECTORY.";
        else if (!int.TryParse(After(args, "--port"), CultureInfo.InvariantCulture, out var port)) problem = "Name the port: --port PORT.";
        else if (string.IsNullOrEmpty(password)) problem = $"Set {PasswordVariable} to the password.";
        else options = new(directory, port, password);
        return problem is null;
    }

    /// <summary>
    /// A small store that appends every write to its file and reads it back at the start. The portable device is named because
    /// the default one fails on the first write where its native library is missing.
    /// </summary>
    public string[] ToGarnetArguments() =>
    [
        "--bind", "127.0.0.1",
        "--port", Port.ToString(CultureInfo.InvariantCulture),
        "--auth", "Password",
        "--password", Password,
        "--memory", "256m",
        "--page", "4m",
        "--index", "16m",
        "--lua", "true",
        "--aof", "true",
        "--aof-memory", "32m",
        "--aof-page-size", "8m",
        "--aof-commit-freq", "1000",
        "--recover",
        "--checkpointdir", Directory,
        "--device-type", "RandomAccess",
        "--logger-level", "Warning",
    ];

    private static string? After(string[] args, string name)
    {
        var at = Array.IndexOf(args, name);
        return at >= 0 && at + 1 < args.Length ? args[at + 1] : null;
    }
}
