using Google.Protobuf;
using MemoryAspire.Coordination.Database;
using MemoryAspire.Postgres.Writes;
using Index = MemoryAspire.Contracts.Index;

namespace MemoryAspire.Coordination.Participants;

/// <summary>Transactions that are about to be decided, and votes on them, in the index's protocol.</summary>
internal static class IndexProposals
{
    /// <summary>Whether the index has anything to say on a transaction: it can refuse nothing but a vector.</summary>
    public static bool IsAsked(WriteTransaction transaction) =>
        transaction.RequireAll || transaction.Operations.Any(operation => !VectorOf(operation).IsEmpty);

    /// <summary>The vectors of transactions that do nothing but create, and do not insist on a vote; null when one does.</summary>
    public static IReadOnlyCollection<ReadOnlyMemory<byte>>? CreatesOnly(IReadOnlyList<WriteTransaction> asked)
    {
        var vectors = new List<ReadOnlyMemory<byte>>(asked.Count);
        foreach (var transaction in asked)
        {
            if (transaction.RequireAll) return null;
            foreach (var operation in transaction.Operations)
            {
                if (operation is not WriteOperation.Create create) return null;
                vectors.Add(create.Vector);
            }
        }

        return vectors;
    }

    public static Index.PrepareRequest ToRequest(DatabaseState database, IReadOnlyList<WriteTransaction> transactions)
    {
        var request = new Index.PrepareRequest { Incarnation = database.Incarnation.Value, Generation = database.Generation.Number };
        foreach (var transaction in transactions)
        {
            var message = new Index.PrepareRequest.Types.Transaction { Id = transaction.Id.ToBytes() };
            message.Items.AddRange(transaction.Operations.Where(MovesVector).Select(ToItem));
            request.Transactions.Add(message);
        }

        return request;
    }

    public static Vote ToVote(Index.PrepareReply.Types.Vote vote) => vote.Refusal.Length == 0 ? Votes.Yes : new Vote.No(vote.Refusal);

    /// <summary>Whether an operation brings a vector or takes one away.</summary>
    private static bool MovesVector(WriteOperation operation) =>
        operation is WriteOperation.Delete or WriteOperation.Update { Vector: not null } || !VectorOf(operation).IsEmpty;

    private static Index.PrepareRequest.Types.Item ToItem(WriteOperation operation) => new()
    {
        Id = operation.Id.ToBytes(),
        Removed = operation is WriteOperation.Delete,
        Vector = UnsafeByteOperations.UnsafeWrap(VectorOf(operation)),
    };

    private static ReadOnlyMemory<byte> VectorOf(WriteOperation operation) => operation switch
    {
        WriteOperation.Create create => create.Vector,
        WriteOperation.Update { Vector: { } vector } => vector,
        _ => default,
    };
}
