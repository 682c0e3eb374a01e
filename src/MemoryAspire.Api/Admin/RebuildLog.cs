namespace MemoryAspire.Api;

internal static partial class LogMessages
{
    [LoggerMessage(30, LogLevel.Information,
        "{Actor} rebuilt the memories of {Partitions} partitions from the log: {Removed} rows removed, {Added} added, {Replaced} replaced; {Incomplete} logs were incomplete.")]
    public static partial void Rebuilt(this ILogger logger, string actor, int partitions, long removed, long added, long replaced, int incomplete);

    [LoggerMessage(31, LogLevel.Warning, "Redis may still hold wrong values of the repaired memories of partition {Partition}.")]
    public static partial void RepairedValuesLeft(this ILogger logger, int partition, Exception exception);
}
