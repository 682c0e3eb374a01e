using System.Security.Cryptography;

namespace MemoryAspire.AppHost.Stacks;

/// <summary>Passwords and keys of one stack: generated once, readable by the owner alone.</summary>
internal sealed class Secrets(string directory)
{
    public const string ApiKey = "api-key";
    public const string ApiKeyVariable = "MEMORY_API_KEY";

    // Without characters that a shell, a URI or a connection string would read as something else.
    private const string Letters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";

    public string GetOrCreate(string name)
    {
        if (TryGet(name) is { } kept) return kept;
        var folder = Path.GetDirectoryName(PathOf(name))!;
        if (!Directory.Exists(folder)) CreatePrivate(folder);
        var secret = RandomNumberGenerator.GetString(Letters, 40);
        AtomicFile.Write(PathOf(name), secret, secret: true);
        return secret;
    }

    public string? TryGet(string name) => File.Exists(PathOf(name)) ? File.ReadAllText(PathOf(name)).Trim() : null;

    // The first key is for the person who runs the stack, who will look for it; the others are nobody's business.
    private string PathOf(string name) => name == ApiKey ? Path.Combine(directory, name) : Path.Combine(directory, "secrets", name);

    private static void CreatePrivate(string folder)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
