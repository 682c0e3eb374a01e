using System.Diagnostics;
using MemoryAspire.Postgres.Writes;
using static MemoryAspire.Participants.Tests.Proposals;

namespace MemoryAspire.Participants.Tests;

public sealed class IndexParticipantTests
{
    [Fact]
    public async Task What_could_not_be_searched_is_voted_against_and_the_others_of_the_group_are_not()
    {
        await using var tier = await IndexTier.OpenAsync();

        var votes = await tier.Participant.PrepareAsync(Propose(
            Transaction(Create(NewId(), 1, 0, 0)),
            Transaction(Create(NewId(), 1, 0)),
            Transaction(Create(NewId())),
            Transaction(Create(NewId(), 1, 0, 0), Update(NewId(), float.NaN, 0, 0))), Stop);

        Assert.Equal(["yes", "no: A vector has 3 dimensions, 4 bytes each.", "yes", "no: A part is not a finite number."], votes.Words());
    }

    [Fact]
    public async Task Room_is_kept_from_the_vote_until_the_events_or_the_abort()
    {
        await using var tier = await IndexTier.OpenAsync(capacity: 2);
        var (id, other) = (NewId(), NewId());
        var (first, second, third) = (Transaction(Create(id, 1, 0, 0)), Transaction(Create(other, 0, 1, 0)), Transaction(Create(NewId(), 0, 0, 1)));
        var votes = await tier.Participant.PrepareAsync(Propose(first, second, third), Stop);
        Assert.Equal(["yes", "yes"], votes.Words()[..2]);
        Assert.Contains("capacity", votes.Words()[2], StringComparison.Ordinal);

        await tier.Participant.AbortAsync(Propose(second));
        Assert.Equal([true], await tier.Participant.CommitAsync(Decide((first, [Event(first, id, 1, 1, 1, 0, 0)]))));

        Assert.Equal(["yes"], (await tier.Participant.PrepareAsync(Propose(third), Stop)).Words());
        Assert.StartsWith("no", Assert.Single((await tier.Participant.PrepareAsync(Propose(second), Stop)).Words()), StringComparison.Ordinal);
        Assert.Equal(1, tier.Index.Status.Vectors);
    }

    [Fact]
    public async Task In_a_group_each_transaction_has_its_own_outcome()
    {
        await using var tier = await IndexTier.OpenAsync();
        var (here, there) = (NewId(), NewId(There));
        var (first, second) = (Transaction(Create(here, 1, 0, 0)), Transaction(Create(there, 0, 1, 0)));

        // The event before the second one has not come.
        var applied = await tier.Participant.CommitAsync(Decide(
            (first, [Event(first, here, 1, 1, 1, 0, 0)]), (second, [Event(second, there, 2, 1, 0, 1, 0)])));

        Assert.Equal([true, false], applied);
    }

    [Fact]
    public async Task An_index_of_another_generation_is_absent_and_votes_no_on_nothing()
    {
        await using var tier = await IndexTier.OpenAsync(generation: 2);
        var create = Transaction(Create(NewId(), 1, 0));
        Assert.Equal(["absent", "yes"], (await tier.Participant.PrepareAsync(Propose(create, Transaction(Create(NewId()))), Stop)).Words());
        Assert.Equal([false], await tier.Participant.CommitAsync(Decide((create, [Event(create, NewId(), 1, 1, 1, 0, 0)]))));
        await tier.Participant.AbortAsync(Propose(create));
    }

    [Fact]
    public async Task An_index_that_is_away_is_absent_and_is_not_asked_where_no_vector_comes()
    {
        await using var tier = await IndexTier.OpenAsync();
        await tier.StopAsync();
        var create = Transaction(Create(NewId(), 1, 0, 0));

        var begun = Stopwatch.GetTimestamp();
        Assert.Equal(["yes", "yes"], (await tier.Participant.PrepareAsync(Propose(Transaction(Create(NewId())), Transaction(Update(NewId()))), Stop)).Words());
        var votes = await tier.Participant.PrepareAsync(
            Propose(create, Transaction(Create(NewId())), Transaction(Create(NewId())) with { RequireAll = true }), Stop);
        Assert.Equal(["absent", "yes", "absent"], votes.Words());
        Assert.Equal([false], await tier.Participant.CommitAsync(Decide((create, [Event(create, NewId(), 1, 1, 1, 0, 0)]))));
        await tier.Participant.AbortAsync(Propose(create));
        Assert.InRange(Stopwatch.GetElapsedTime(begun), TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Nobody_waits_for_an_index_when_the_coordinator_does_not()
    {
        await using var tier = await IndexTier.OpenAsync();
        var votes = await tier.Participant.PrepareAsync(Propose(Transaction(Create(NewId(), 1, 0, 0))), new CancellationToken(canceled: true));
        Assert.Equal(["absent"], votes.Words());
    }

    [Fact]
    public async Task Once_room_is_leased_new_memories_need_no_answer_of_the_index()
    {
        await using var tier = await IndexTier.OpenAsync();
        Assert.Equal(["yes"], (await tier.Participant.PrepareAsync(Propose(Transaction(Create(NewId(), 1, 0, 0))), Stop)).Words());
        await tier.Room.Renewed;
        await tier.StopAsync();

        // Nobody answers any more: what gets a vote got it from the lease.
        Assert.Equal(["yes", "yes"], await VotesAsync(tier, Transaction(Create(NewId(), 1, 0, 0)), Transaction(Create(NewId()), Create(NewId(), 0, 1, 0))));
        Assert.Equal(["absent"], await VotesAsync(tier, Transaction(Create(NewId(), 1, 0))));
        Assert.Equal(["absent"], await VotesAsync(tier, Transaction(Update(NewId(), 1, 0, 0))));
        Assert.Equal(["absent"], await VotesAsync(tier, Transaction(Create(NewId(), 1, 0, 0)) with { RequireAll = true }));
        Assert.Equal(["absent"], await VotesAsync(tier, Transaction([.. Enumerable.Range(0, 1_000).Select(_ => Create(NewId(), 1, 0, 0))])));
    }

    [Fact]
    public async Task What_was_taken_from_a_lease_is_applied_to_an_index_that_filled_up_meanwhile()
    {
        const int Capacity = 33;
        await using var tier = await IndexTier.OpenAsync(Capacity);
        Assert.Equal(["yes"], await VotesAsync(tier, Transaction(Create(NewId(), 1, 0, 0))));
        await tier.Room.Renewed;
        var id = NewId();
        var leased = Transaction(Create(id, 1, 0, 0));
        Assert.Equal(["yes"], await VotesAsync(tier, leased));

        // More than is leased, and never asked about.
        var others = Enumerable.Range(1, Capacity).Select(position => (Id: NewId(There), Position: position)).ToList();
        var filling = Transaction([.. others.Select(one => Create(one.Id, 0, 1, 0))]);
        Assert.Equal([true], await tier.Participant.CommitAsync(Decide((filling, [.. others.Select(one => Event(filling, one.Id, one.Position, 1, 0, 1, 0))]))));

        Assert.Equal([true], await tier.Participant.CommitAsync(Decide((leased, [Event(leased, id, 1, 1, 1, 0, 0)]))));
        Assert.Equal(Capacity + 1, tier.Index.Status.Vectors);
    }

    private static async Task<string[]> VotesAsync(IndexTier tier, params WriteTransaction[] transactions) =>
        (await tier.Participant.PrepareAsync(Propose(transactions), Stop)).Words();
}
