using System.ComponentModel.DataAnnotations;

namespace MemoryAspire.ServiceDefaults.Stores;

/// <summary>This process's pool of connections: section <c>Stores:Postgres</c>. What is not set is as the connection string says.</summary>
public sealed class PostgresStoreOptions
{
    public const string Section = "Stores:Postgres";
    private const int ConnectionsLimit = 10_000;

    [Range(1, ConnectionsLimit, ErrorMessage = $"{Section}:ConnectionsMax must be between 1 and 10000.")]
    public int? ConnectionsMax { get; set; }

    [Range(0, ConnectionsLimit, ErrorMessage = $"{Section}:ConnectionsMin must be between 0 and 10000.")]
    public int? ConnectionsMin { get; set; }

    [Range(typeof(TimeSpan), "00:00:01", "00:10:00", ParseLimitsInInvariantCulture = true, ConvertValueInInvariantCulture = true,
        ErrorMessage = $"{Section}:ConnectTimeout must be between 1 s and 10 minutes.")]
    public TimeSpan? ConnectTimeout { get; set; }
}
