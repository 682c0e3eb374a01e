using MemoryAspire.ServiceDefaults.Chance;
using MemoryAspire.ServiceDefaults.Health;
using MemoryAspire.ServiceDefaults.Http;
using MemoryAspire.ServiceDefaults.Logging;
using MemoryAspire.ServiceDefaults.Resilience;
using MemoryAspire.ServiceDefaults.Shutdown;
using MemoryAspire.ServiceDefaults.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace MemoryAspire.ServiceDefaults;

/// <summary>What every service of the stack does alike; each calls both methods.</summary>
public static class ServiceDefaultsExtensions
{
    extension<TBuilder>(TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        /// <summary>
        /// Telemetry, health, resilience, the clock, listening and shutdown. Before anything else: what a service
        /// configures afterwards wins.
        /// </summary>
        public TBuilder AddServiceDefaults()
        {
            builder.Services.TryAddSingleton(TimeProvider.System);
            builder.Services.TryAddSingleton<Random, SystemRandom>();
            builder.Services.AddProblemDetails();
            builder.AddLogLevels();
            builder.AddTelemetry();
            builder.AddHealth();
            builder.AddListening();
            builder.AddHttpClients();
            builder.AddStorePipelines();
            builder.AddDrain();
            return builder;
        }
    }

    extension(WebApplication app)
    {
        /// <summary><c>/health</c> and <c>/alive</c> for everybody; <c>/metrics</c> for whom the service lets in.</summary>
        public WebApplication MapDefaultEndpoints()
        {
            app.MapHealth();
            app.MapPrometheusScrapingEndpoint();
            return app;
        }
    }
}
