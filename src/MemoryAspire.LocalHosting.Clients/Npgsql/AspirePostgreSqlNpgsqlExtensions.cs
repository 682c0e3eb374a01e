using Aspire.Npgsql;
using MemoryAspire.LocalHosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace Microsoft.Extensions.Hosting;

public static class AspirePostgreSqlNpgsqlExtensions
{
    private const string Section = "Aspire:Npgsql";

    /// <summary>Registers an <see cref="NpgsqlDataSource"/> with its health check (<c>PostgreSql</c>), traces and metrics.</summary>
    public static void AddNpgsqlDataSource(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<NpgsqlSettings>? configureSettings = null,
        Action<NpgsqlDataSourceBuilder>? configureDataSourceBuilder = null)
        => Add(builder, connectionName, serviceKey: null, configureSettings, configureDataSourceBuilder);

    /// <summary>The same as a keyed service, key and connection name being one; the health check is <c>PostgreSql_{name}</c>.</summary>
    public static void AddKeyedNpgsqlDataSource(
        this IHostApplicationBuilder builder,
        string name,
        Action<NpgsqlSettings>? configureSettings = null,
        Action<NpgsqlDataSourceBuilder>? configureDataSourceBuilder = null)
        => Add(builder, name, serviceKey: name, configureSettings, configureDataSourceBuilder);

    private static void Add(
        IHostApplicationBuilder builder,
        string connectionName,
        string? serviceKey,
        Action<NpgsqlSettings>? configureSettings,
        Action<NpgsqlDataSourceBuilder>? configureDataSourceBuilder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);
        var settings = new NpgsqlSettings();
        ClientSettings.Bind(settings, builder.Configuration, Section, connectionName, (bound, value) => bound.ConnectionString = value);
        configureSettings?.Invoke(settings);

        builder.Services.AddNpgsqlDataSource(settings.ConnectionString ?? "", dataSource =>
        {
            // Not before the data source is asked for: only then is there a logger to tell.
            if (string.IsNullOrWhiteSpace(settings.ConnectionString)) throw ClientSettings.Missing(connectionName, Section);
            configureDataSourceBuilder?.Invoke(dataSource);
        }, serviceKey: serviceKey);

        Observe(builder, settings, serviceKey);
    }

    private static void Observe(IHostApplicationBuilder builder, NpgsqlSettings settings, string? serviceKey)
    {
        if (!settings.DisableHealthChecks)
        {
            ClientSettings.TryAddHealthCheck(builder, new HealthCheckRegistration(
                serviceKey is null ? "PostgreSql" : $"PostgreSql_{serviceKey}",
                services => new NpgsqlHealthCheck(services.GetRequiredKeyedService<NpgsqlDataSource>(serviceKey)),
                failureStatus: null,
                tags: null));
        }
        if (!settings.DisableTracing) builder.Services.AddOpenTelemetry().WithTracing(tracing => tracing.AddNpgsql());
        if (!settings.DisableMetrics) builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddNpgsqlInstrumentation());
    }
}
