namespace MemoryAspire.Reconciler;

internal static partial class LogMessages
{
    [LoggerMessage(1, LogLevel.Information, "This reconciler leads: epoch {Epoch}.")]
    public static partial void Elected(this ILogger logger, long epoch);

    [LoggerMessage(2, LogLevel.Warning, "This reconciler no longer leads: epoch {Epoch} is over.")]
    public static partial void LeadershipEnded(this ILogger logger, Exception? exception, long epoch);

    [LoggerMessage(3, LogLevel.Warning, "Standing for election paused: {Reason}")]
    public static partial void ElectionPaused(this ILogger logger, string reason);

    [LoggerMessage(10, LogLevel.Warning, "{Work} paused; it goes on at its next round: {Reason}")]
    public static partial void WorkPaused(this ILogger logger, string work, string reason);

    [LoggerMessage(11, LogLevel.Information, "Erasure {Erasure} is finished.")]
    public static partial void ErasureFinished(this ILogger logger, Guid erasure);
}
