using Microsoft.Extensions.Logging;

namespace MemoryAspire.Index;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "The snapshot was loaded: generation {Generation}, {Memories} memories, {Vectors} vectors.")]
    public static partial void SnapshotLoaded(this ILogger logger, long generation, int memories, int vectors);

    [LoggerMessage(2, LogLevel.Warning, "The snapshot cannot be used; the index starts empty and follows the log from its beginning.")]
    public static partial void SnapshotUnusable(this ILogger logger, Exception exception);

    [LoggerMessage(3, LogLevel.Error, "The snapshot was not written; the former one stands, and it is tried again.")]
    public static partial void SnapshotNotWritten(this ILogger logger, Exception exception);

    [LoggerMessage(4, LogLevel.Debug, "The snapshot was written: {Memories} memories, {Vectors} vectors.")]
    public static partial void SnapshotWritten(this ILogger logger, int memories, int vectors);

    [LoggerMessage(5, LogLevel.Information, "The index begins empty for database {Incarnation}, generation {Generation}, {Dimension} dimensions.")]
    public static partial void Begun(this ILogger logger, string incarnation, long generation, int dimension);

    [LoggerMessage(6, LogLevel.Information, "The graph is rebuilt: {Dead} of {All} nodes are dead.")]
    public static partial void RebuildBegun(this ILogger logger, int dead, int all);

    [LoggerMessage(7, LogLevel.Information, "The graph was rebuilt: {All} nodes.")]
    public static partial void RebuildDone(this ILogger logger, int all);

    [LoggerMessage(8, LogLevel.Error, "The graph was not rebuilt; the former one serves on, and it is tried again.")]
    public static partial void RebuildFailed(this ILogger logger, Exception exception);

    [LoggerMessage(9, LogLevel.Error, "New vectors could not be linked; searches compare them one by one.")]
    public static partial void LinkingFailed(this ILogger logger, Exception exception);
}
