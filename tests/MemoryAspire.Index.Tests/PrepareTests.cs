using System.Runtime.InteropServices;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Faiss;
using MemoryAspire.Index.Reservations;
using static MemoryAspire.Index.Tests.Events;

namespace MemoryAspire.Index.Tests;

public sealed class PrepareTests
{
    private static readonly float[] East = [1, 0, 0, 0], North = [0, 1, 0, 0], Up = [0, 0, 1, 0];
    private static readonly Guid First = new(1, 0, 0, new byte[8]), Second = new(2, 0, 0, new byte[8]), Third = new(3, 0, 0, new byte[8]);

    [Fact]
    public async Task A_vector_that_could_not_be_searched_is_voted_against_and_says_why()
    {
        await using var harness = await Harness.OpenAsync();
        var votes = harness.Index.Prepare(Harness.Incarnation, Harness.Generation,
        [
            Brings(First, Id(1), East),
            Brings(First, Id(1), [1, 0, 0]),
            Brings(First, Id(1), [float.NaN, 0, 0, 0]),
            Brings(First, Id(1), [0, float.PositiveInfinity, 0, 0]),
            Brings(First, Id(1), [0, 0, 0, 0]),
            new VectorProposal(First, [new ProposedVector(Id(1), default)]),
        ]);
        Assert.Null(votes[0]);
        Assert.Contains("4 dimensions", votes[1], StringComparison.Ordinal);
        Assert.Contains("finite", votes[2], StringComparison.Ordinal);
        Assert.Contains("finite", votes[3], StringComparison.Ordinal);
        Assert.Contains("no length", votes[4], StringComparison.Ordinal);
        Assert.Null(votes[5]);
    }

    [Fact]
    public async Task Room_is_kept_for_what_was_voted_yes_for_until_it_is_given_up()
    {
        await using var harness = await FullButOneAsync();
        Assert.Null(Vote(harness, Brings(First, Id(2), North)));
        Assert.Contains("capacity", Vote(harness, Brings(Second, Id(3), Up)), StringComparison.Ordinal);

        harness.Index.Abort(Harness.Incarnation, Harness.Generation, [First]);
        Assert.Null(Vote(harness, Brings(Second, Id(3), Up)));
    }

    [Fact]
    public async Task Room_is_kept_for_thirty_seconds_only()
    {
        await using var harness = await FullButOneAsync();
        Vote(harness, Brings(First, Id(2), North));
        harness.Time.Advance(TimeSpan.FromSeconds(29));
        Assert.NotNull(Vote(harness, Brings(Second, Id(3), Up)));
        harness.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(Vote(harness, Brings(Second, Id(3), Up)));
    }

    [Fact]
    public async Task Asking_again_for_a_transaction_keeps_its_room_once()
    {
        await using var harness = await FullButOneAsync();
        Assert.Null(Vote(harness, Brings(First, Id(2), North)));
        harness.Time.Advance(TimeSpan.FromSeconds(20));
        Assert.Null(Vote(harness, Brings(First, Id(2), North)));
        harness.Time.Advance(TimeSpan.FromSeconds(20));
        Assert.NotNull(Vote(harness, Brings(Second, Id(3), Up)));
    }

    [Fact]
    public async Task A_full_index_takes_what_needs_no_more_room()
    {
        await using var harness = await Harness.OpenAsync(configure: options => options.CapacityMax = 1);
        await harness.ApplyAsync(Put(Id(1), 1, East));
        Assert.Null(Vote(harness, Brings(First, Id(1), North)));
        Assert.Null(Vote(harness, new VectorProposal(Second, [new ProposedVector(Id(1), default), new ProposedVector(Id(2), Bytes(Up))])));
        Assert.NotNull(Vote(harness, Brings(Third, Id(3), Up)));
        await harness.ApplyAsync(Gone(Id(1), 2) with { Transaction = Second }, Put(Id(2), 3, Up) with { Transaction = Second });
        Assert.Equal([Id(2)], harness.Search(Query(Up)).Ids());
    }

    [Fact]
    public async Task Applied_events_use_up_their_room_by_whichever_path_they_come()
    {
        await using var harness = await Harness.OpenAsync(configure: options => options.CapacityMax = 2);
        Vote(harness, Brings(First, Id(1), North));
        await harness.ApplyAsync(Put(Id(1), 1, North) with { Transaction = First });
        Assert.Null(Vote(harness, Brings(Second, Id(2), Up)));
        Assert.NotNull(Vote(harness, Brings(Third, Id(3), Up)));
    }

    [Fact]
    public async Task What_was_voted_yes_for_is_not_refused_though_others_who_did_not_ask_came_first()
    {
        await using var harness = await FullButOneAsync();
        Assert.Null(Vote(harness, Brings(First, Id(3), Up)));
        await harness.ApplyAsync(Put(Id(2), 2, North) with { Transaction = Second });
        await harness.ApplyAsync(Put(Id(3), 3, Up) with { Transaction = First });
        Assert.Equal(3, harness.Index.Status.Vectors);
        await Assert.ThrowsAsync<CapacityExceededException>(() => harness.ApplyAsync(Put(Id(4), 4, Up) with { Transaction = Third }));
    }

    [Fact]
    public async Task Room_in_one_partition_is_kept_while_another_is_applied_and_given_up_where_nothing_comes()
    {
        await using var harness = await Harness.OpenAsync(configure: options => options.CapacityMax = 3);
        Vote(harness, new VectorProposal(First, [.. new byte[] { 0, 1, 2 }.Select(partition => new ProposedVector(Id(partition, partition), Bytes(East)))]));
        var here = Put(Id(0, 0), 1, East) with { Transaction = First };
        var early = Put(Id(1, 1), 2, East) with { Transaction = First };

        // Nothing happened in partition 2; in partition 1 the event waits for the one before it.
        harness.Index.Settle(Harness.Incarnation, Harness.Generation, [First], [here, early]);
        await harness.ApplyAsync(here, early);

        Assert.Null(Vote(harness, Brings(Second, Id(7), Up)));
        Assert.NotNull(Vote(harness, Brings(Third, Id(8), Up)));
        await harness.ApplyAsync(Put(Id(9, 1), 1, null));
        Assert.Equal(2, harness.Index.Status.Vectors);
        Assert.NotNull(Vote(harness, Brings(Third, Id(8), Up)));
    }

    [Fact]
    public async Task Another_generation_or_database_takes_no_part()
    {
        await using var harness = await Harness.OpenAsync();
        Assert.Throws<IndexIdentityException>(() => harness.Index.Prepare(Harness.Incarnation, 2, []));
        Assert.Throws<IndexIdentityException>(() => harness.Index.Abort(new(8), Harness.Generation, []));
    }

    private static async Task<Harness> FullButOneAsync()
    {
        var harness = await Harness.OpenAsync(configure: options => options.CapacityMax = 2);
        await harness.ApplyAsync(Put(Id(1), 1, East));
        return harness;
    }

    private static string? Vote(Harness harness, VectorProposal proposal) =>
        Assert.Single(harness.Index.Prepare(Harness.Incarnation, Harness.Generation, [proposal]));

    private static VectorProposal Brings(Guid transaction, MemoryId id, float[] vector) => new(transaction, [new ProposedVector(id, Bytes(vector))]);

    private static byte[] Bytes(float[] vector) => MemoryMarshal.AsBytes(vector.AsSpan()).ToArray();
}
