using System.Diagnostics;
using System.Globalization;

namespace MemoryAspire.Index.Volumes;

/// <summary>
/// Keeps a second process out of a directory. The lock ends with the process, however it ends; a second file
/// names who holds it, because a locked file cannot be read everywhere.
/// </summary>
internal sealed class DirectoryLock : IDisposable
{
    private const string LockName = "index.lock";
    private const string OwnerName = "index.owner";

    private readonly FileStream _held;

    /// <exception cref="IndexDirectoryInUseException">Another process works there.</exception>
    public DirectoryLock(string directory)
    {
        Directory.CreateDirectory(directory);
        try
        {
            _held = new FileStream(Path.Combine(directory, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception) when (exception.GetType() == typeof(IOException))
        {
            throw new IndexDirectoryInUseException(directory, ReadOwner(directory), exception);
        }

        using var process = Process.GetCurrentProcess();
        File.WriteAllText(Path.Combine(directory, OwnerName), string.Create(CultureInfo.InvariantCulture, $"process {process.Id} ({process.ProcessName})"));
    }

    public void Dispose() => _held.Dispose();

    private static string ReadOwner(string directory)
    {
        var path = Path.Combine(directory, OwnerName);
        return File.Exists(path) ? File.ReadAllText(path) : "a process that has not said its name yet";
    }
}

/// <summary>Two processes cannot work in one index directory.</summary>
public sealed class IndexDirectoryInUseException(string directory, string owner, Exception inner)
    : IOException($"The index directory {directory} is in use by {owner}.", inner);
