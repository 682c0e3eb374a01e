using Microsoft.Extensions.Logging;

namespace MemoryAspire.AppHost;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "{Resource} is {State} and is started again in {Wait}")]
    public static partial void Restarting(ILogger logger, string resource, string state, TimeSpan wait);

    [LoggerMessage(2, LogLevel.Error, "{Resource} could not be started again: {Reason}")]
    public static partial void NotRestarted(ILogger logger, string resource, string reason);

    [LoggerMessage(3, LogLevel.Information, "creating the PostgreSQL data directory in {Directory}")]
    public static partial void CreatingCluster(ILogger logger, string directory);

    [LoggerMessage(4, LogLevel.Information, "created the database {Database}")]
    public static partial void CreatedDatabase(ILogger logger, string database);

    [LoggerMessage(5, LogLevel.Critical, "{Problem}")]
    public static partial void CannotGoOn(ILogger logger, string problem);
}
