namespace Aspire.StackExchange.Redis;

/// <summary>Section <c>Aspire:StackExchange:Redis</c>, overridden by <c>Aspire:StackExchange:Redis:{connectionName}</c>.</summary>
public sealed class StackExchangeRedisSettings
{
    /// <summary><c>ConnectionStrings:{connectionName}</c>, where it is set, wins over the sections.</summary>
    public string? ConnectionString { get; set; }

    public bool DisableHealthChecks { get; set; }

    /// <summary>Has no effect here: the driver's instrumentation cannot be restored where this assembly is used.</summary>
    public bool DisableTracing { get; set; }

    /// <summary>Connect at the first use instead of at start.</summary>
    public bool DisableAutoActivation { get; set; }
}
