using MemoryAspire.ServiceDefaults.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MemoryAspire.ServiceDefaults.Resilience;

internal static class StorePipelinesExtensions
{
    public static void AddStorePipelines(this IHostApplicationBuilder builder)
    {
        foreach (var name in StorePipelineNames.All)
        {
            builder.Services.AddOptions<StorePipelineOptions>(name)
                .Configure(options => SetDefaults(name, options))
                .BindConfiguration($"{StorePipelineOptions.Section}:{name}")
                .ValidateOnStart();
        }
        builder.Services.AddSingleton<IValidateOptions<StorePipelineOptions>, StorePipelineOptionsValidator>();
        builder.Services.AddSingleton<Instruments>();
        builder.Services.AddSingleton(services => new StorePipelines(
            services.GetRequiredService<IOptionsMonitor<StorePipelineOptions>>(),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<StorePipelines>>(),
            services.GetRequiredService<Instruments>()));
    }

    private static void SetDefaults(string name, StorePipelineOptions options)
    {
        (options.Timeout, options.Retries) = name switch
        {
            StorePipelineNames.PostgresRead => (TimeSpan.FromSeconds(5), 2),
            // A full batch, behind another one on the same partitions.
            StorePipelineNames.PostgresWrite => (TimeSpan.FromSeconds(15), 0),
            // Many times what an answer takes, and still less than anybody notices.
            StorePipelineNames.Redis => (TimeSpan.FromMilliseconds(500), 0),
            // A search may wait half a second for a token before it begins.
            StorePipelineNames.Index => (TimeSpan.FromSeconds(2), 1),
            _ => (TimeSpan.FromSeconds(2), 0),
        };
    }
}
