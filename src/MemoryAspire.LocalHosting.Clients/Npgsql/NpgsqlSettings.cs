namespace Aspire.Npgsql;

/// <summary>Section <c>Aspire:Npgsql</c>, overridden by <c>Aspire:Npgsql:{connectionName}</c>.</summary>
public class NpgsqlSettings
{
    /// <summary><c>ConnectionStrings:{connectionName}</c>, where it is set, wins over the sections.</summary>
    public string? ConnectionString { get; set; }

    public bool DisableHealthChecks { get; set; }

    public bool DisableTracing { get; set; }

    public bool DisableMetrics { get; set; }
}
