using Npgsql;

namespace MemoryAspire.Postgres.Leadership;

/// <summary>This process no longer leads; the transaction is to be rolled back.</summary>
public sealed class LeadershipLostException(string name, long epoch) : Exception($"Epoch {epoch} of the leader '{name}' is over.");

/// <summary>
/// The time from an election to its end. <see cref="Lost"/> tells the leader soon that it is over; what a leader alone may
/// write calls <see cref="EnsureAsync"/> in its own transaction, because soon is not at once. Disposing resigns.
/// </summary>
public sealed class LeaderTerm : IAsyncDisposable
{
    /// <summary>
    /// A transaction of the leader's in which nothing happens for so long is ended by the server: else one that froze would keep
    /// the next leader out.
    /// </summary>
    public static readonly TimeSpan WriteSilenceMax = TimeSpan.FromSeconds(5);

    private readonly LeaderSession _session;

    // Never disposed of: the work of a leader that was may still ask.
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _over = new();
    private readonly string _name;

    internal LeaderTerm(LeaderSession session, string name, long epoch)
    {
        _session = session;
        _name = name;
        Epoch = epoch;
        Lost = _lost.Token;
        Ended = WatchAsync();
    }

    /// <summary>1 for the first leader of this name; each one's is more than that of all before.</summary>
    public long Epoch { get; }

    /// <summary>Cancelled when the term is over.</summary>
    public CancellationToken Lost { get; }

    /// <summary>Completes when the term is over; with the exception that ended it, or null.</summary>
    public Task<NpgsqlException?> Ended { get; }

    /// <summary>
    /// Holds the term's epoch until the transaction ends: as long, nobody else begins to lead. Such transactions are short, and
    /// none waits for anything but the database.
    /// </summary>
    /// <exception cref="LeadershipLostException">The term is over.</exception>
    public async Task EnsureAsync(NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        if (Lost.IsCancellationRequested) throw new LeadershipLostException(_name, Epoch);
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand($"set local idle_in_transaction_session_timeout = {WriteSilenceMax.TotalMilliseconds:F0}"),
                // Also in the midst of a long statement the server notices that the client died.
                new NpgsqlBatchCommand("set local client_connection_check_interval = '1s'"),
                new NpgsqlBatchCommand("select 1 from leaders where partition = 0 and name = $1 and epoch = $2 for share")
                {
                    Parameters = { new() { Value = _name }, new() { Value = Epoch } },
                },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        if (await reader.ReadAsync(cancellationToken)) return;
        await _over.CancelAsync();
        throw new LeadershipLostException(_name, Epoch);
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await Ended;
        await _session.DisposeAsync();
    }

    private async Task<NpgsqlException?> WatchAsync()
    {
        try
        {
            // With the connection goes the lock.
            return await _session.BrokenAsync(_over.Token);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        finally
        {
            await _lost.CancelAsync();
        }
    }
}
