using MemoryAspire.Contracts.Index;
using MemoryAspire.ServiceDefaults.Internal;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Http.Resilience;

namespace MemoryAspire.Coordination.Participants;

/// <summary>Registers the client of the index.</summary>
public static class IndexClient
{
    extension(IHostApplicationBuilder builder)
    {
        public void AddIndexClient()
        {
            builder.AddInternalKey();
            builder.Services
                .AddGrpcClient<MemoryIndex.MemoryIndexClient>(options => options.Address = new Uri("http://memory-index"))
                .AddInterceptor<InternalKeyClientInterceptor>()

                // The calls have pipelines of their own; what suits other HTTP clients would only be in their way.
                .ConfigureAdditionalHttpMessageHandlers((handlers, _) => RemoveResilience(handlers))
                .RemoveAllLoggers();
        }
    }

    private static void RemoveResilience(IList<DelegatingHandler> handlers)
    {
        foreach (var handler in handlers.OfType<ResilienceHandler>().ToList()) handlers.Remove(handler);
    }
}
