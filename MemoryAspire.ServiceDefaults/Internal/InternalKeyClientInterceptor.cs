using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.Options;

namespace MemoryAspire.ServiceDefaults.Internal;

/// <summary>
/// Adds the internal key to every call. Not gRPC's own call credentials: those are refused on connections without TLS,
/// and inside the stack there is none.
/// </summary>
public sealed class InternalKeyClientInterceptor(IOptions<InternalKeyOptions> options) : Interceptor
{
    private readonly string value = InternalKeyServerInterceptor.Scheme + options.Value.Key;

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, BlockingUnaryCallContinuation<TRequest, TResponse> continuation)
        => continuation(request, WithKey(context));

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
        => continuation(request, WithKey(context));

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        ClientInterceptorContext<TRequest, TResponse> context, AsyncClientStreamingCallContinuation<TRequest, TResponse> continuation)
        => continuation(WithKey(context));

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncServerStreamingCallContinuation<TRequest, TResponse> continuation)
        => continuation(request, WithKey(context));

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        ClientInterceptorContext<TRequest, TResponse> context, AsyncDuplexStreamingCallContinuation<TRequest, TResponse> continuation)
        => continuation(WithKey(context));

    /// <summary>The caller's metadata is copied, since it may be shared between calls; a key of its own would make two.</summary>
    private ClientInterceptorContext<TRequest, TResponse> WithKey<TRequest, TResponse>(ClientInterceptorContext<TRequest, TResponse> context)
        where TRequest : class
        where TResponse : class
    {
        var headers = new Metadata { { InternalKeyServerInterceptor.Header, value } };
        foreach (var entry in context.Options.Headers ?? [])
        {
            if (entry.Key != InternalKeyServerInterceptor.Header) headers.Add(entry);
        }
        return new(context.Method, context.Host, context.Options.WithHeaders(headers));
    }
}
