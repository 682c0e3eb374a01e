using Microsoft.Extensions.Logging;

namespace MemoryAspire.Coordination;

internal static partial class LogMessages
{
    [LoggerMessage(1, LogLevel.Warning, "The {Tier} tier was passed over; it gets the committed events by following the log: {Reason}")]
    public static partial void ParticipantPassedOver(this ILogger logger, string tier, string reason);

    [LoggerMessage(6, LogLevel.Warning, "What prepare took in the {Tier} tier was not released; it expires: {Reason}")]
    public static partial void NotReleased(this ILogger logger, string tier, string reason);
}
