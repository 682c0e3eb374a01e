using Microsoft.Extensions.Logging;

namespace MemoryAspire.Coordination;

internal static partial class LogMessages
{
    [LoggerMessage(1, LogLevel.Warning, "The {Tier} tier was passed over; it gets the committed events by following the log: {Reason}")]
    public static partial void ParticipantPassedOver(this ILogger logger, string tier, string reason);
}
