namespace MemoryAspire.IndexService;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "The vector of memory {Id}, version {Version}, is left out of the index: {Problem}")]
    public static partial void VectorLeftOut(this ILogger logger, Guid id, long version, string problem);

    [LoggerMessage(2, LogLevel.Warning, "The index is ahead of the log at partition {Partition}: the database was set back. The index is built anew.")]
    public static partial void AheadOfLog(this ILogger logger, byte partition);

    [LoggerMessage(3, LogLevel.Information, "The index has caught up with the log.")]
    public static partial void CaughtUp(this ILogger logger);
}
