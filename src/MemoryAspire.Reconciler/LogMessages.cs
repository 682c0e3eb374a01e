namespace MemoryAspire.Reconciler;

internal static partial class LogMessages
{
    [LoggerMessage(1, LogLevel.Information, "This reconciler leads: epoch {Epoch}.")]
    public static partial void Elected(this ILogger logger, long epoch);

    [LoggerMessage(2, LogLevel.Warning, "This reconciler no longer leads: epoch {Epoch} is over.")]
    public static partial void LeadershipEnded(this ILogger logger, Exception? exception, long epoch);

    [LoggerMessage(3, LogLevel.Warning, "Standing for election paused: {Reason}")]
    public static partial void ElectionPaused(this ILogger logger, string reason);

    [LoggerMessage(10, LogLevel.Information, "Comparison {Id} of the tiers begins at phase {Phase}.")]
    public static partial void RunBegun(this ILogger logger, Guid id, int phase);

    [LoggerMessage(11, LogLevel.Information, "Comparison {Id} is {State}: {Differences} differences, {Repaired} repaired, {Unrepairable} cannot be.")]
    public static partial void RunOver(this ILogger logger, Guid id, string state, long differences, long repaired, long unrepairable);

    [LoggerMessage(12, LogLevel.Warning, "Comparing the tiers paused: {Reason}")]
    public static partial void RunPaused(this ILogger logger, string reason);

    [LoggerMessage(13, LogLevel.Error, "Comparison {Id} of the tiers failed.")]
    public static partial void RunFailed(this ILogger logger, Guid id, Exception exception);

    [LoggerMessage(14, LogLevel.Warning, "Comparison {Id} passes over what cannot be reached ({Step}): {Reason}")]
    public static partial void PhaseFailed(this ILogger logger, Guid id, string step, string reason);

    [LoggerMessage(30, LogLevel.Warning, "{Work} paused; it goes on at its next round: {Reason}")]
    public static partial void WorkPaused(this ILogger logger, string work, string reason);

    [LoggerMessage(31, LogLevel.Information, "Erasure {Erasure} is finished.")]
    public static partial void ErasureFinished(this ILogger logger, Guid erasure);
}
