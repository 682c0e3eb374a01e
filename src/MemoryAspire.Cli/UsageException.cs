namespace MemoryAspire.Cli;

/// <summary>The caller must change something before it makes sense to try again; the message says what.</summary>
internal sealed class UsageException(string message) : Exception(message);
