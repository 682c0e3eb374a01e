namespace MemoryAspire.Api;

internal static partial class LogMessages
{
    [LoggerMessage(1, LogLevel.Critical,
        "The live index holds vectors of {LiveModel} with {LiveDimension} dimensions, but Embeddings:Provider and Embeddings:Model name {Model} with {Dimension}. "
        + "Configure the live model again, or start with an empty database.")]
    public static partial void OtherModel(this ILogger logger, string liveModel, int liveDimension, string model, int dimension);

    [LoggerMessage(2, LogLevel.Warning, "PostgreSQL is away: {Reason}")]
    public static partial void DatabaseAway(this ILogger logger, string reason);

    [LoggerMessage(3, LogLevel.Warning, "Redis was passed over, PostgreSQL answers: {Reason}")]
    public static partial void RedisPassedOver(this ILogger logger, string reason);

    [LoggerMessage(4, LogLevel.Warning, "The index was passed over, PostgreSQL answers: {Reason}")]
    public static partial void IndexPassedOver(this ILogger logger, string reason);

    [LoggerMessage(5, LogLevel.Debug, "A memory was not put into Redis; the next read may do it.")]
    public static partial void NotFilled(this ILogger logger, Exception exception);

    [LoggerMessage(6, LogLevel.Error, "The embedding provider failed.")]
    public static partial void EmbeddingFailed(this ILogger logger, Exception exception);

    [LoggerMessage(7, LogLevel.Debug, "The memories that this process holds are not looked after: {Reason}")]
    public static partial void HotMemoriesPaused(this ILogger logger, string reason);

    [LoggerMessage(20, LogLevel.Information, "A reader of the change feed took nothing for {Timeout} and was cut off; it may resume.")]
    public static partial void ReaderCutOff(this ILogger logger, TimeSpan timeout);

    [LoggerMessage(21, LogLevel.Debug, "A reader of the change feed waits for PostgreSQL.")]
    public static partial void FeedPaused(this ILogger logger, Exception exception);

    [LoggerMessage(50, LogLevel.Information, "The contents of all memories were split anew, as {Language}.")]
    public static partial void LanguageChanged(this ILogger logger, string language);

    [LoggerMessage(51, LogLevel.Critical, "{Setting} is wrong: {Reason}")]
    public static partial void UnknownLanguage(this ILogger logger, string setting, string reason);

    [LoggerMessage(30, LogLevel.Warning, "Sessions cannot be served: {Reason}")]
    public static partial void SessionsAway(this ILogger logger, string reason);

    [LoggerMessage(31, LogLevel.Warning, "Sessions that expired wait for Redis to be promoted: {Reason}")]
    public static partial void SweepPaused(this ILogger logger, string reason);

    [LoggerMessage(32, LogLevel.Warning, "A session that expired could not be promoted yet, and will be tried again: {Reason}")]
    public static partial void NotPromoted(this ILogger logger, string reason);

    [LoggerMessage(40, LogLevel.Debug, "What reads met was not verified: {Reason}")]
    public static partial void NotVerified(this ILogger logger, string reason);

    [LoggerMessage(41, LogLevel.Warning, "{Count} wrong records were met by reads and searches, and repaired.")]
    public static partial void ReadRepaired(this ILogger logger, long count);

    [LoggerMessage(33, LogLevel.Warning, "Memories wait for their vectors, and will be tried again: {Reason}")]
    public static partial void StillPending(this ILogger logger, string reason);

    [LoggerMessage(60, LogLevel.Debug, "How much the index holds is not known: {Reason}")]
    public static partial void IndexSizeUnknown(this ILogger logger, string reason);
}
