using Microsoft.Extensions.Logging;

namespace MemoryAspire.Postgres;

internal static partial class LogMessages
{
    [LoggerMessage(1, LogLevel.Warning, "The hint that the log grew was not sent; followers find out by polling.")]
    public static partial void HintNotSent(this ILogger logger, Exception exception);

    [LoggerMessage(2, LogLevel.Warning, "Listening for hints broke; polling meanwhile.")]
    public static partial void ListeningBroke(this ILogger logger, Exception exception);

    [LoggerMessage(3, LogLevel.Warning, "Following the log paused; it goes on from the last applied position.")]
    public static partial void FollowingPaused(this ILogger logger, Exception exception);

    [LoggerMessage(4, LogLevel.Warning, "The schema could not be brought up to date yet; trying again.")]
    public static partial void SchemaNotReady(this ILogger logger, Exception exception);
}
