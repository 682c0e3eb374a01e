using System.Buffers;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace MemoryAspire.IndexService.Http;

/// <summary>
/// gRPC (HTTP/2) and health probes (HTTP/1.1) on one address without TLS. Kestrel learns the version from TLS's
/// protocol negotiation only and takes any other connection for HTTP/1.1, so a connection that begins with
/// HTTP/2's preface (RFC 9113, 3.4) is given the answer that the negotiation would have had.
/// </summary>
internal static class BothHttpVersions
{
    private static readonly byte[] Preface = "PRI * HTTP/2.0"u8.ToArray();

    extension(IHostApplicationBuilder builder)
    {
        public void AddBothHttpVersions() => builder.Services.Configure<KestrelServerOptions>(kestrel =>
        {
            // The negotiation implies https; the clients rightly say http.
            kestrel.AllowAlternateSchemes = true;
            var patience = kestrel.Limits.RequestHeadersTimeout + kestrel.Limits.KeepAliveTimeout;
            kestrel.ConfigureEndpointDefaults(endpoint =>
            {
                endpoint.Use(next => connection => BeginAsync(connection, next, patience));
            });
        });
    }

    private static async Task BeginAsync(ConnectionContext connection, ConnectionDelegate next, TimeSpan patience)
    {
        if (connection.Features.Get<ITlsConnectionFeature>() is null)
        {
            using var bound = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
            bound.CancelAfter(patience);
            try
            {
                if (await BeginsWithPrefaceAsync(connection, bound.Token))
                {
                    var negotiated = new Http2Negotiated();
                    connection.Features.Set<ITlsConnectionFeature>(negotiated);
                    connection.Features.Set<ITlsApplicationProtocolFeature>(negotiated);
                }
            }
            catch (Exception exception) when (exception is OperationCanceledException or ConnectionResetException or ConnectionAbortedException)
            {
                // It said nothing in all that time, or went away: there is nobody to answer.
                return;
            }
        }

        await next(connection);
    }

    /// <summary>Looks at the first bytes and leaves them for who reads next.</summary>
    private static async ValueTask<bool> BeginsWithPrefaceAsync(ConnectionContext connection, CancellationToken cancellationToken)
    {
        var input = connection.Transport.Input;
        while (true)
        {
            var read = await input.ReadAsync(cancellationToken);
            var begins = Begins(read.Buffer);
            var decided = begins is not null || read.IsCompleted;
            input.AdvanceTo(read.Buffer.Start, decided ? read.Buffer.Start : read.Buffer.End);
            if (decided) return begins == true;
        }
    }

    /// <summary>Null while too little has come to tell.</summary>
    private static bool? Begins(in ReadOnlySequence<byte> buffer)
    {
        Span<byte> first = stackalloc byte[(int)Math.Min(buffer.Length, Preface.Length)];
        buffer.Slice(0, first.Length).CopyTo(first);
        if (!Preface.AsSpan().StartsWith(first)) return false;
        return first.Length == Preface.Length ? true : null;
    }

    private sealed class Http2Negotiated : ITlsConnectionFeature, ITlsApplicationProtocolFeature
    {
        private static readonly byte[] Protocol = "h2"u8.ToArray();

        public ReadOnlyMemory<byte> ApplicationProtocol => Protocol;

        public X509Certificate2? ClientCertificate { get; set; }

        public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult(ClientCertificate);
    }
}
