using MemoryAspire.Coordination.Database;
using MemoryAspire.Coordination.Participants;
using MemoryAspire.Postgres.Erasure;
using Index = MemoryAspire.Contracts.Index;

namespace MemoryAspire.Coordination.Erasure;

/// <summary>Erases memories from the index's files, once the log no longer knows them.</summary>
public sealed class IndexErasure(Index.MemoryIndex.MemoryIndexClient client)
{
    /// <summary>Returns when no file of the index has a vector of theirs.</summary>
    /// <exception cref="Grpc.Core.RpcException">The index is away, behind, or could not write.</exception>
    public async Task RunAsync(ErasureRecord erasure, DatabaseState database, CancellationToken cancellationToken)
    {
        var request = new Index.PurgeRequest { Incarnation = database.Incarnation.Value, Generation = database.Generation.Number, WaitMilliseconds = 60_000 };
        request.AtLeast.AddRange(erasure.Target.PartitionsOf(erasure.Tenant)
            .Select(partition => KeyValuePair.Create(partition, database.Heads[partition]).ToMessage()));
        await client.PurgeAsync(request, cancellationToken: cancellationToken);
    }
}
