using Microsoft.Extensions.Logging;

namespace MemoryAspire.ServiceDefaults;

internal static partial class Log
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "The breaker of {Pipeline} opened for {Duration}; the last failure was {Failure}.")]
    public static partial void BreakerOpened(ILogger logger, string pipeline, TimeSpan duration, string failure);

    [LoggerMessage(Level = LogLevel.Information, Message = "The breaker of {Pipeline} closed: the store is back.")]
    public static partial void BreakerClosed(ILogger logger, string pipeline);
}
