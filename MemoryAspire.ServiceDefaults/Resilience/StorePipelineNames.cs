namespace MemoryAspire.ServiceDefaults.Resilience;

public static class StorePipelineNames
{
    public const string PostgresRead = nameof(PostgresRead);
    public const string PostgresWrite = nameof(PostgresWrite);
    public const string Redis = nameof(Redis);
    public const string Index = nameof(Index);
    public const string IndexApply = nameof(IndexApply);

    internal static readonly string[] All = [PostgresRead, PostgresWrite, Redis, Index, IndexApply];

    /// <summary>A second try of these may do something twice, or hold up what is waiting for the first.</summary>
    internal static readonly string[] NeverRetried = [PostgresWrite, Redis, IndexApply];
}
