namespace MemoryAspire.TestStores;

public sealed record PostgresServerOptions
{
    /// <summary>Off is faster; what it proves about crashes of the server process stays true, about those of the machine nothing.</summary>
    public bool Fsync { get; init; } = true;

    public int ConnectionsMax { get; init; } = 200;

    /// <summary>Further settings, as in postgresql.conf: <c>["deadlock_timeout=100ms"]</c>.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];
}
