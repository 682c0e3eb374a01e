namespace MemoryAspire.Redis.Sessions;

/// <summary>One message of a running conversation.</summary>
/// <param name="Role">1..64 UTF-16 units.</param>
/// <param name="Content">1..32768 UTF-16 units.</param>
/// <param name="At">UTC, to the microsecond.</param>
public sealed record SessionMessage(string Role, string Content, DateTimeOffset At);
