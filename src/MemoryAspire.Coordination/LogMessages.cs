using Microsoft.Extensions.Logging;

namespace MemoryAspire.Coordination;

internal static partial class LogMessages
{
    [LoggerMessage(1, LogLevel.Warning, "The {Tier} tier was passed over; it gets the committed events by following the log: {Reason}")]
    public static partial void ParticipantPassedOver(this ILogger logger, string tier, string reason);

    [LoggerMessage(2, LogLevel.Warning, "A group of {Count} could not be stored together (SQLSTATE {SqlState}); each is tried alone.")]
    public static partial void GroupSplit(this ILogger logger, int count, string sqlState);

    [LoggerMessage(3, LogLevel.Information, "A group of {Count} is tried again (SQLSTATE {SqlState}).")]
    public static partial void GroupRetried(this ILogger logger, int count, string sqlState);

    [LoggerMessage(4, LogLevel.Error, "What prepare took in the {Tier} tier was not released; it expires.")]
    public static partial void ReleaseFailed(this ILogger logger, string tier, Exception exception);

    [LoggerMessage(5, LogLevel.Error, "The {Tier} tier was not told what was committed; it gets the events by following the log.")]
    public static partial void DeliveryFailed(this ILogger logger, string tier, Exception exception);

    [LoggerMessage(6, LogLevel.Warning, "What prepare took in the {Tier} tier was not released; it expires: {Reason}")]
    public static partial void NotReleased(this ILogger logger, string tier, string reason);

    [LoggerMessage(7, LogLevel.Debug, "No room was leased in the index, which is asked about every write instead: {Reason}")]
    public static partial void NoRoomLeased(this ILogger logger, string reason);

    [LoggerMessage(8, LogLevel.Error, "Leasing room in the index failed; it is asked about every write instead.")]
    public static partial void LeaseFailed(this ILogger logger, Exception exception);

    [LoggerMessage(20, LogLevel.Warning, "Erasure {Erasure} is not done in the {Tier} tier yet; it goes on later: {Reason}")]
    public static partial void ErasurePending(this ILogger logger, Guid erasure, string tier, string reason);
}
