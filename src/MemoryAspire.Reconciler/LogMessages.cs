namespace MemoryAspire.Reconciler;

internal static partial class LogMessages
{
    [LoggerMessage(1, LogLevel.Information, "This reconciler leads: epoch {Epoch}.")]
    public static partial void Elected(this ILogger logger, long epoch);

    [LoggerMessage(2, LogLevel.Warning, "This reconciler no longer leads: epoch {Epoch} is over.")]
    public static partial void LeadershipEnded(this ILogger logger, Exception? exception, long epoch);

    [LoggerMessage(3, LogLevel.Warning, "Standing for election paused: {Reason}")]
    public static partial void ElectionPaused(this ILogger logger, string reason);
}
