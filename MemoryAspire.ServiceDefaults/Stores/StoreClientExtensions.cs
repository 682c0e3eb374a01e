using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using StackExchange.Redis;

namespace MemoryAspire.ServiceDefaults.Stores;

/// <summary>
/// The stores' clients with the limits that configuration sets and the manners that our pipelines expect. Their own
/// health checks are off: each service says itself what the loss of a store means for it.
/// </summary>
public static class StoreClientExtensions
{
    /// <summary>
    /// Statements that a connection keeps prepared: there are few, each with whole columns as parameters, and planning one costs
    /// as much as running it.
    /// </summary>
    private const int PreparedMax = 64;

    private static readonly TimeSpan ReconnectDelay = TimeSpan.FromMilliseconds(500);

    extension(IHostApplicationBuilder builder)
    {
        /// <summary><c>AddNpgsqlDataSource</c> with the limits of <see cref="PostgresStoreOptions"/>.</summary>
        public void AddPostgresStore(string connectionName = "memorydb", Action<NpgsqlDataSourceBuilder>? configure = null)
        {
            builder.Services.AddOptions<PostgresStoreOptions>()
                .BindConfiguration(PostgresStoreOptions.Section).ValidateDataAnnotations().ValidateOnStart();
            builder.AddNpgsqlDataSource(connectionName, settings => settings.DisableHealthChecks = true, dataSource =>
            {
                var limits = builder.Configuration.GetSection(PostgresStoreOptions.Section).Get<PostgresStoreOptions>() ?? new();
                Apply(limits, dataSource.ConnectionStringBuilder);
                if (dataSource.ConnectionStringBuilder.MaxAutoPrepare == 0) dataSource.ConnectionStringBuilder.MaxAutoPrepare = PreparedMax;
                dataSource.ConnectionStringBuilder.ApplicationName ??= builder.Environment.ApplicationName;
                configure?.Invoke(dataSource);
            });
        }

        /// <summary><c>AddRedisClient</c>, failing at once while Redis is away, and back soon after it is.</summary>
        public void AddRedisStore(string connectionName = "redis", Action<ConfigurationOptions>? configure = null) =>
            builder.AddRedisClient(connectionName, settings => settings.DisableHealthChecks = true, options =>
            {
                // A command that waits for Redis to come back has been answered from PostgreSQL long since.
                options.BacklogPolicy = BacklogPolicy.FailFast;

                // What the server says of itself, and the rewriting of its files after an erasure, count as administration to the driver.
                options.AllowAdmin = true;
                options.ReconnectRetryPolicy = new LinearRetry((int)ReconnectDelay.TotalMilliseconds);
                configure?.Invoke(options);
            });
    }

    private static void Apply(PostgresStoreOptions limits, NpgsqlConnectionStringBuilder connectionString)
    {
        if (limits.ConnectionsMax is { } most) connectionString.MaxPoolSize = most;
        if (limits.ConnectionsMin is { } least) connectionString.MinPoolSize = least;
        if (limits.ConnectTimeout is { } timeout) connectionString.Timeout = (int)timeout.TotalSeconds;
    }
}
