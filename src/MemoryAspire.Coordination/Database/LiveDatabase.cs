using MemoryAspire.Postgres.Log;
using MemoryAspire.Postgres.Schema;

namespace MemoryAspire.Coordination.Database;

/// <summary>Reads which database this is, for background work that writes.</summary>
public sealed class LiveDatabase(Generations generations, EventLog log)
{
    /// <summary>Null while no generation is live: nothing was ever written then.</summary>
    public async Task<DatabaseState?> ReadAsync(CancellationToken cancellationToken) =>
        await generations.ReadLiveAsync(cancellationToken) is { } generation
            ? new DatabaseState(await log.ReadHeadsAsync(cancellationToken), generation)
            : null;
}
