using MemoryAspire.ServiceDefaults.Resilience;
using Npgsql;

namespace MemoryAspire.Postgres.Writes;

/// <summary>COMMIT, and the question what became of it when its answer is lost.</summary>
internal static class Commits
{
    /// <param name="xid">The transaction's own <c>pg_current_xact_id()</c>.</param>
    /// <exception cref="NpgsqlException">Nothing was stored.</exception>
    /// <exception cref="UnknownOutcomeException">Whether it was stored cannot be known now.</exception>
    public static async Task CommitAsync(this NpgsqlTransaction transaction, string xid, TransactionStatus status)
    {
        try
        {
            // From here on a cancellation no longer means "do not store".
            await transaction.CommitAsync(CancellationToken.None);
        }
        catch (NpgsqlException exception) when (exception is not PostgresException || StoreFailures.IsPostgresAway(exception))
        {
            // The connection is gone, or the server went down over it: COMMIT may or may not have been carried out.
            if (!await status.IsCommittedAsync(xid, exception)) throw;
        }
    }
}
