using System.Text.Json;
using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Coordination.Database;
using MemoryAspire.Coordination.Participants;
using MemoryAspire.Postgres.Conflicts;
using MemoryAspire.Postgres.Log;
using MemoryAspire.Postgres.Schema;
using MemoryAspire.Postgres.Writes;
using MemoryAspire.TestStores;

[assembly: AssemblyFixture(typeof(StoresFixture))]

namespace MemoryAspire.Participants.Tests;

/// <summary>Short ways to say what is proposed and decided.</summary>
internal static class Proposals
{
    public const string Tenant = "default";
    public const int Dimension = 3;

    public static readonly Partition Here = new(7), There = new(8);

    public static readonly Incarnation OfDatabase = new(0xC0FFEE01);

    public static readonly DatabaseState Database = new(new LogHeads(OfDatabase, new long[Partition.Count]), new Generation(1, "model", Dimension));

    public static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static MemoryId NewId(Partition? partition = null) =>
        MemoryId.Create(partition ?? Here, TimeProvider.System.GetUtcNow(), new Random(Guid.NewGuid().GetHashCode()));

    public static WriteOperation Create(MemoryId id, params float[] vector) => new WriteOperation.Create(
        id, "content", MemoryKind.Episodic, Scope.None, JsonElement.Parse("{}"), 0.5, null, Bytes(vector));

    public static WriteOperation Update(MemoryId id, params float[] vector) =>
        new WriteOperation.Update(id, new MemoryPatch(), Vector: vector.Length == 0 ? null : Bytes(vector));

    public static WriteTransaction Transaction(params WriteOperation[] operations) =>
        new(Guid.CreateVersion7(), Tenant, "tester", "model", operations);

    public static Proposal Propose(params WriteTransaction[] transactions) => new(Database, transactions);

    public static Decision Decide(params (WriteTransaction Transaction, MemoryEvent[] Events)[] transactions) =>
        new(Database, [.. transactions.Select(pair => new DecidedTransaction(pair.Transaction.Id, pair.Events))]);

    public static MemoryEvent Event(WriteTransaction transaction, MemoryId id, long position, long version, params float[] vector)
    {
        var at = TimeProvider.System.GetUtcNow();
        var memory = new Memory(id, $"version {version}", MemoryKind.Episodic, Scope.None, JsonElement.Parse("{}"), 0.5, version, at, at, null);
        var record = new MemoryRecord(Tenant, memory, vector.Length == 0 ? null : version, MemoryDigest.Of(Tenant, memory, Bytes(vector))) { Vector = Bytes(vector) };
        return new MemoryEvent(
            id.Partition, new Position(position), version == 1 ? EventType.Created : EventType.Updated, Tenant, id, version, Scope.None, record,
            transaction.Id, "tester", at);
    }

    public static byte[] Bytes(float[] vector) => System.Runtime.InteropServices.MemoryMarshal.AsBytes(vector.AsSpan()).ToArray();

    public static string[] Words(this IReadOnlyList<Vote> votes) => [.. votes.Select(vote => vote switch
    {
        Vote.Yes => "yes",
        Vote.No no => $"no: {no.Reason}",
        _ => "absent",
    })];
}
