using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Orchestration;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "started with process id {ProcessId}")]
    public static partial void Started(ILogger logger, int processId);

    [LoggerMessage(2, LogLevel.Warning, "ended by itself with exit code {ExitCode}")]
    public static partial void EndedByItself(ILogger logger, int exitCode);

    [LoggerMessage(3, LogLevel.Information, "stopped")]
    public static partial void Stopped(ILogger logger);

    [LoggerMessage(4, LogLevel.Error, "could not be started:")]
    public static partial void FailedToStart(ILogger logger, Exception failure);

    [LoggerMessage(5, LogLevel.Warning, "did not stop within {Grace} and is killed")]
    public static partial void Killed(ILogger logger, TimeSpan grace);

    [LoggerMessage(6, LogLevel.Error, "The ready callbacks of {Resource} failed:")]
    public static partial void ReadyFailed(ILogger logger, Exception failure, string resource);
}
