using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using MemoryAspire.Contracts.Index;
using MemoryAspire.TestServices;

namespace MemoryAspire.Bench.Bare;

/// <summary>The index, asked without the API.</summary>
internal sealed class BareIndex : IDisposable
{
    private static readonly Metadata Headers = new() { { "authorization", $"Bearer {ServiceStack.InternalKey}" } };

    private readonly GrpcChannel _channel;
    private readonly MemoryIndex.MemoryIndexClient _client;
    private readonly StatusReply _status;

    public BareIndex(Uri address)
    {
        _channel = GrpcChannel.ForAddress(address);
        _client = new MemoryIndex.MemoryIndexClient(_channel);
        _status = _client.Status(new StatusRequest(), Headers);
    }

    /// <summary>How many were found.</summary>
    public async Task<int> SearchAsync(byte[] vector, int count)
    {
        var reply = await _client.SearchAsync(
            new SearchRequest { Incarnation = _status.Incarnation, Generation = _status.Generation, Vector = ByteString.CopyFrom(vector), K = (uint)count, Tenant = "default" }, Headers);
        return reply.Hits.Count;
    }

    public void Dispose() => _channel.Dispose();
}
