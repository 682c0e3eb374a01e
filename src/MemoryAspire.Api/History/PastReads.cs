using MemoryAspire.Api.Consistency;
using MemoryAspire.Api.Problems;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Postgres.Log;
using MemoryAspire.ServiceDefaults.Resilience;

namespace MemoryAspire.Api.History;

/// <summary>Reads the past, which only PostgreSQL knows, and puts what was read into the request's token.</summary>
internal sealed class PastReads(MemoryHistory history, StorePipelines pipelines)
{
    /// <exception cref="Refusal">503: PostgreSQL is away.</exception>
    public async Task<MemoryEvents> ReadAsync(
        MemoryId id, Func<MemoryHistory, CancellationToken, Task<MemoryEvents>> read, RequestConsistency consistency, CancellationToken cancellationToken)
    {
        var past = await AskAsync(read, consistency, cancellationToken);
        consistency.See(id.Partition, past.Head);

        // A part of a transaction shows all of it; the other parts are committed as this one is.
        foreach (var @event in past.Events) consistency.See(@event.Span);
        return past;
    }

    /// <exception cref="Refusal">503: PostgreSQL is away. 404: the tenant never had the memory.</exception>
    public async Task<MemoryPresence> ReadPresenceAsync(string tenant, MemoryId id, RequestConsistency consistency, CancellationToken cancellationToken)
    {
        var presence = await AskAsync((asked, token) => asked.ReadPresenceAsync(tenant, id, token), consistency, cancellationToken);
        consistency.See(id.Partition, presence.Head);
        return presence.Known ? presence : throw Refusal.NotFound();
    }

    private async Task<T> AskAsync<T>(Func<MemoryHistory, CancellationToken, Task<T>> read, RequestConsistency consistency, CancellationToken cancellationToken)
    {
        try
        {
            return await pipelines.PostgresRead.ExecuteAsync(async token => await read(history, token), cancellationToken);
        }
        catch (Exception exception) when (StoreFailures.IsPostgresAway(exception))
        {
            consistency.PassOver("postgres");
            throw Refusal.Unavailable("PostgreSQL cannot be reached, and no other tier knows the past.");
        }
    }
}
