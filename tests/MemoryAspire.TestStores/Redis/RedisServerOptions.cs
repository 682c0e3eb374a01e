namespace MemoryAspire.TestStores;

public sealed record RedisServerOptions
{
    /// <summary>On: what was written survives a kill (up to the second that <c>appendfsync everysec</c> leaves to the machine's crash).</summary>
    public bool AppendOnly { get; init; } = true;

    /// <summary>Further command line settings: <c>["--maxmemory", "10mb"]</c>.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];
}
