using System.Runtime.InteropServices;
using MemoryAspire.Faiss;
using MemoryAspire.Index.Events;
using MemoryAspire.Index.Reservations;
using static MemoryAspire.Index.Tests.Events;

namespace MemoryAspire.Index.Tests;

public sealed class LeaseTests
{
    private static readonly float[] East = [1, 0, 0, 0];
    private static readonly Guid Holder = new(7, 0, 0, new byte[8]), Other = new(8, 0, 0, new byte[8]);

    [Fact]
    public async Task A_lease_takes_what_is_wanted_but_only_a_part_of_what_is_free()
    {
        await using var harness = await OpenAsync(capacity: 32);
        Assert.Equal(1, Lease(harness, wanted: 1));
        Assert.Equal(1, Lease(harness, wanted: 100));
        await harness.ApplyAsync([.. Enumerable.Range(1, 30).Select(number => Put(Id(number), number, East))]);
        Assert.Equal(0, Lease(harness, wanted: 100));
    }

    [Fact]
    public async Task Leased_room_is_promised_to_nobody_else_for_sixty_seconds()
    {
        await using var harness = await OpenAsync(capacity: 16);
        Assert.Equal(1, Lease(harness, wanted: 1));
        await harness.ApplyAsync([.. Enumerable.Range(1, 15).Select(number => Put(Id(number), number, East))]);

        harness.Time.Advance(TimeSpan.FromSeconds(59));
        Assert.Contains("capacity", Vote(harness, 16), StringComparison.Ordinal);
        harness.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(Vote(harness, 16));
    }

    [Fact]
    public async Task What_draws_on_a_lease_is_taken_though_others_who_did_not_ask_came_first()
    {
        await using var harness = await OpenAsync(capacity: 16);
        Lease(harness, wanted: 1);
        await harness.ApplyAsync([.. Enumerable.Range(1, 16).Select(number => Put(Id(number), number, East))]);

        await ApplyAsync(harness, Holder, Put(Id(17), 17, East) with { Transaction = Transaction(17) });
        Assert.Equal(17, harness.Index.Status.Vectors);

        // It is used up, and somebody else never had one.
        await Assert.ThrowsAsync<CapacityExceededException>(() => ApplyAsync(harness, Holder, Put(Id(18), 18, East) with { Transaction = Transaction(18) }));
        await Assert.ThrowsAsync<CapacityExceededException>(() => ApplyAsync(harness, Other, Put(Id(18), 18, East) with { Transaction = Transaction(18) }));
    }

    [Fact]
    public async Task Each_vector_is_counted_once_as_leased_as_promised_or_as_there()
    {
        await using var harness = await OpenAsync(capacity: 32);
        Assert.Equal(2, Lease(harness, wanted: 2));

        // The second waits for the one before it: its room is drawn, and kept.
        await ApplyAsync(harness, Holder,
            Put(Id(1), 1, East) with { Transaction = Transaction(1) }, Put(Id(2, 1), 2, East) with { Transaction = Transaction(2) });
        Assert.Equal(1, harness.Index.Status.Vectors);
        for (var number = 3; number <= 32; number++) Assert.Null(Vote(harness, number));
        Assert.NotNull(Vote(harness, 33));
    }

    [Fact]
    public async Task Those_that_were_voted_for_and_those_that_bring_no_vector_leave_the_lease_alone()
    {
        await using var harness = await OpenAsync(capacity: 16);
        Lease(harness, wanted: 1);
        Assert.Null(Vote(harness, 1));
        await ApplyAsync(harness, Holder,
            Put(Id(1), 1, East) with { Transaction = Transaction(1) }, Put(Id(2), 2, null) with { Transaction = Transaction(2) });
        await ApplyAsync(harness, Holder, Put(Id(1), 3, East, version: 2) with { Transaction = Transaction(3) });
        await harness.ApplyAsync([.. Enumerable.Range(4, 15).Select(number => Put(Id(number), number, East))]);

        await ApplyAsync(harness, Holder, Put(Id(19), 19, East) with { Transaction = Transaction(19) });
        Assert.Equal(17, harness.Index.Status.Vectors);
    }

    private static Task<Harness> OpenAsync(int capacity) => Harness.OpenAsync(configure: options => options.CapacityMax = capacity);

    private static int Lease(Harness harness, int wanted) => harness.Index.Lease(Harness.Incarnation, Harness.Generation, Holder, wanted);

    private static string? Vote(Harness harness, int number) => Assert.Single(harness.Index.Prepare(
        Harness.Incarnation,
        Harness.Generation,
        [new VectorProposal(Transaction(number), [new ProposedVector(Id(number), MemoryMarshal.AsBytes(East.AsSpan()).ToArray())])]));

    private static Task ApplyAsync(Harness harness, Guid holder, params IndexEvent[] events)
    {
        harness.Index.Settle(Harness.Incarnation, Harness.Generation, events.Select(@event => @event.Transaction), events, holder);
        return harness.ApplyAsync(events);
    }

    private static Guid Transaction(int number) => new(number, 1, 0, new byte[8]);
}
