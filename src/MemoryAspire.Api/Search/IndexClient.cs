using MemoryAspire.Contracts.Index;
using MemoryAspire.ServiceDefaults.Internal;

namespace MemoryAspire.Api.Search;

/// <summary>Registers the client of the index.</summary>
internal static class IndexClient
{
    extension(IHostApplicationBuilder builder)
    {
        public void AddIndexClient()
        {
            builder.AddInternalKey();
            builder.Services
                .AddGrpcClient<MemoryIndex.MemoryIndexClient>(options => options.Address = new Uri("http://memory-index"))
                .AddInterceptor<InternalKeyClientInterceptor>();
        }
    }
}
