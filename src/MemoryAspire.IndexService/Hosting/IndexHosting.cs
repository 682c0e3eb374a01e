using MemoryAspire.Index;
using MemoryAspire.IndexService.Health;
using Microsoft.Extensions.Options;

namespace MemoryAspire.IndexService.Hosting;

/// <summary>Registers the index and what becomes of it while the process lives.</summary>
internal static class IndexHosting
{
    extension(IHostApplicationBuilder builder)
    {
        public void AddIndex()
        {
            builder.Services.AddOptions<IndexOptions>()
                .BindConfiguration(IndexOptions.Section).ValidateDataAnnotations().ValidateOnStart();
            builder.Services.AddSingleton(services => SemanticIndex.Open(
                services.GetRequiredService<IOptions<IndexOptions>>().Value,
                services.GetRequiredService<TimeProvider>(),
                services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(),
                services.GetRequiredService<ILogger<SemanticIndex>>()));
            builder.Services.AddSingleton<IndexLifetime>().AddHostedService(services => services.GetRequiredService<IndexLifetime>());
            builder.Services.AddSingleton<IndexProgress>();
            builder.Services.AddHealthChecks().AddCheck<IndexHealth>("index");
        }
    }
}
