using Grpc.Core;
using MemoryAspire.Contracts.Index;
using MemoryAspire.ServiceDefaults.Internal;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Http.Resilience;

namespace MemoryAspire.Coordination;

/// <summary>Registers the client of the index.</summary>
public static class IndexClient
{
    extension(IHostApplicationBuilder builder)
    {
        public void AddIndexClient() => builder.AddIndexClientOf<MemoryIndex.MemoryIndexClient>();

        /// <summary>The client of one of the index's services.</summary>
        public void AddIndexClientOf<TClient>()
            where TClient : ClientBase
        {
            builder.AddInternalKey();
            builder.Services
                .AddGrpcClient<TClient>(options => options.Address = new Uri("http://memory-index"))
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
