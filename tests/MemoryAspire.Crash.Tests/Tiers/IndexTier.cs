using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Index;
using MemoryAspire.TestServices;

namespace MemoryAspire.Crash.Tests.Tiers;

/// <summary>What the index holds, by its own protocol.</summary>
internal sealed class IndexTier(Uri address) : IDisposable
{
    private static readonly Metadata Headers = new() { { "authorization", $"Bearer {ServiceStack.InternalKey}" } };

    private readonly GrpcChannel _channel = GrpcChannel.ForAddress(address);

    public Task<StatusReply> ReadAsync() => Client.StatusAsync(new StatusRequest(), Headers).ResponseAsync;

    /// <summary>The versions of some memories; 0 where there is none.</summary>
    public async Task<IReadOnlyList<long>> FindAsync(IEnumerable<MemoryId> ids)
    {
        var request = new LookupRequest();
        request.Ids.AddRange(ids.Select(id => ByteString.CopyFrom(id.Value.ToByteArray(bigEndian: true))));
        var reply = await Client.LookupAsync(request, Headers);
        return [.. reply.Entries.Select(entry => entry.Version)];
    }

    public void Dispose() => _channel.Dispose();

    private MemoryIndex.MemoryIndexClient Client => new(_channel);
}
