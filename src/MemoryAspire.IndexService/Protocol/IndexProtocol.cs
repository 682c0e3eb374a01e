using MemoryAspire.ServiceDefaults.Internal;

namespace MemoryAspire.IndexService.Protocol;

/// <summary>Registers the gRPC service; only the stack's own callers are let in.</summary>
internal static class IndexProtocol
{
    /// <summary>A thousand events with long vectors fit; a message beyond that is refused.</summary>
    private const int MessageBytesMax = 128 * 1024 * 1024;

    extension(IHostApplicationBuilder builder)
    {
        public void AddIndexProtocol()
        {
            builder.AddInternalKey();
            builder.Services.AddGrpc(grpc =>
            {
                grpc.Interceptors.Add<InternalKeyServerInterceptor>();
                grpc.MaxReceiveMessageSize = MessageBytesMax;
            });
        }
    }

    extension(WebApplication app)
    {
        public void MapIndexProtocol() => app.MapGrpcService<MemoryIndexService>();
    }
}
