using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace MemoryAspire.LocalHosting;

/// <summary>What both clients do alike: where settings come from, and that a health check is added once.</summary>
internal static class ClientSettings
{
    /// <summary>The general section first, then the named one, then the connection string, which wins.</summary>
    public static void Bind<T>(T settings, IConfiguration configuration, string section, string connectionName, Action<T, string> setConnectionString)
    {
        configuration.GetSection(section).Bind(settings);
        configuration.GetSection(section).GetSection(connectionName).Bind(settings);
        if (configuration.GetConnectionString(connectionName) is { } connectionString) setConnectionString(settings, connectionString);
    }

    public static InvalidOperationException Missing(string connectionName, string section) =>
        new($"The connection string is missing: set 'ConnectionStrings:{connectionName}', or 'ConnectionString' in the section '{section}'.");

    public static void TryAddHealthCheck(IHostApplicationBuilder builder, HealthCheckRegistration registration)
    {
        if (builder.Properties.TryAdd($"{typeof(ClientSettings).FullName}.{registration.Name}", true))
        {
            builder.Services.AddHealthChecks().Add(registration);
        }
    }
}
