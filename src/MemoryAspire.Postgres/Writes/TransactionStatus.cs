using Npgsql;

namespace MemoryAspire.Postgres.Writes;

/// <summary>Asks PostgreSQL what became of a transaction whose COMMIT got no answer.</summary>
public sealed class TransactionStatus(NpgsqlDataSource dataSource, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>True: committed. False: rolled back.</summary>
    /// <exception cref="UnknownOutcomeException">PostgreSQL could not say within 5 s.</exception>
    public async Task<bool> IsCommittedAsync(string xid, Exception cause)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        try
        {
            while (true)
            {
                switch (await ReadAsync(xid, patience.Token))
                {
                    case "committed": return true;
                    case "aborted": return false;
                    case "in progress": break;
                    // The server forgets only transactions of long ago: this is another database.
                    case var other: throw new InvalidOperationException($"Transaction {xid} has the status '{other}'.");
                }

                await Task.Delay(Pause, time, patience.Token);
            }
        }
        catch (Exception exception) when (exception is NpgsqlException or OperationCanceledException or InvalidOperationException)
        {
            throw new UnknownOutcomeException(cause);
        }
    }

    private async Task<string?> ReadAsync(string xid, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("select pg_xact_status($1::text::xid8)");
        command.Parameters.Add(new() { Value = xid });
        return await command.ExecuteScalarAsync(cancellationToken) as string;
    }
}
