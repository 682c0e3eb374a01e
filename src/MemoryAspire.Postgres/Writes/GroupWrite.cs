using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Postgres.Dedupe;
using MemoryAspire.Postgres.Log;
using MemoryAspire.Postgres.Pending;
using MemoryAspire.ServiceDefaults.Resilience;
using Npgsql;

namespace MemoryAspire.Postgres.Writes;

/// <summary>
/// A group with its locks held. Nothing is stored unless <see cref="CommitAsync"/> returns; disposing without it rolls back.
/// </summary>
public sealed class GroupWrite : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly IReadOnlyList<WriteTransaction> _group;
    private readonly LockedGroup _locked;
    private readonly Dictionary<Guid, WriteOutcome> _settled;
    private readonly TransactionStatus _status;
    private readonly LogHints _hints;
    private IReadOnlyList<WriteOutcome>? _planned;
    private IReadOnlyList<OwnedKey> _owned = [];

    internal GroupWrite(
        NpgsqlConnection connection,
        IReadOnlyList<WriteTransaction> group,
        LockedGroup locked,
        Dictionary<Guid, WriteOutcome> settled,
        TransactionStatus status,
        LogHints hints)
    {
        (_connection, _group, _locked, _settled, _status, _hints) = (connection, group, locked, settled, status, hints);
    }

    /// <summary>What will become of each transaction, in the group's order, if the group is committed.</summary>
    /// <param name="refused">Outcomes that are decided already; those transactions store nothing.</param>
    public IReadOnlyList<WriteOutcome> Plan(IReadOnlyDictionary<Guid, WriteOutcome> refused)
    {
        var plan = new WritePlan(_locked);
        _planned = [.. _group.Select(transaction =>
            _settled.TryGetValue(transaction.Id, out var settled) || refused.TryGetValue(transaction.Id, out settled) ? settled : plan.Stage(transaction))];
        _owned = plan.Owned;
        return _planned;
    }

    /// <summary>Writes what was planned and commits, in one round trip. COMMIT is the decision for every tier.</summary>
    /// <exception cref="NpgsqlException">Nothing was stored.</exception>
    /// <exception cref="UnknownOutcomeException">Whether it was stored cannot be known now.</exception>
    public async Task CommitAsync()
    {
        var outcomes = _planned ?? throw new InvalidOperationException("A group is planned before it is committed.");
        var committed = new List<(WriteTransaction Transaction, IReadOnlyList<MemoryEvent> Events)>(outcomes.Count);
        var found = new List<(WriteTransaction Transaction, WriteOutcome.Committed Outcome)>();
        for (var index = 0; index < outcomes.Count; index++)
        {
            if (outcomes[index] is not WriteOutcome.Committed { Replayed: false } planned) continue;
            if (planned.Events.Count > 0) committed.Add((_group[index], planned.Events));
            if (planned.Found.Count > 0 && _group[index].Key is not null && planned.Told.Count > 0) found.Add((_group[index], planned));
        }

        if (committed.Count + found.Count == 0) return;
        await using var batch = new NpgsqlBatch(_connection);
        WriteStatements.Add(batch.BatchCommands, committed);
        if (_owned.Count > 0) batch.BatchCommands.Add(DedupeStatements.Own(_owned));
        if (_locked.Duplicates is { } duplicates) batch.BatchCommands.Add(DedupeStatements.Sweep(duplicates.Keys));
        if (found.Count > 0) batch.BatchCommands.Add(IdempotencyKeys.FulfilFound(found));

        var pending = committed.SelectMany(one => Pending(one.Transaction, one.Events)).ToList();
        if (pending.Count > 0) batch.BatchCommands.Add(PendingEmbeddings.Note(pending));

        // The key of a transaction that stores nothing stays free, whatever the others of its group do.
        var done = committed.Select(one => one.Transaction.Id).Concat(found.Select(one => one.Transaction.Id)).ToHashSet();
        var unused = _group.Where(transaction => _locked.Keys.GetValueOrDefault(transaction.Id) == KeyTaken.First && !done.Contains(transaction.Id)).ToList();
        if (unused.Count > 0) batch.BatchCommands.Add(IdempotencyKeys.Free(unused));
        batch.BatchCommands.Add(new NpgsqlBatchCommand("commit"));
        try
        {
            // From here on a caller's cancellation no longer means "do not store".
            await batch.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (NpgsqlException exception) when (exception is not PostgresException || StoreFailures.IsPostgresAway(exception))
        {
            // The connection is gone, or the server went down over it: COMMIT may or may not have been carried out.
            if (!await _status.IsCommittedAsync(_locked.TransactionId, exception)) throw;
        }

        _hints.Send();
    }

    /// <summary>The memories that a transaction leaves without the vector they should have.</summary>
    private static IEnumerable<(string Tenant, MemoryId Id, long Version)> Pending(WriteTransaction transaction, IReadOnlyList<MemoryEvent> events)
    {
        foreach (var id in transaction.Operations.Where(operation => operation.EmbedLater).Select(operation => operation.Id).Distinct())
        {
            if (events.LastOrDefault(@event => @event.MemoryId == id) is { Removes: false } last) yield return (transaction.Tenant, id, last.Version);
        }
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
