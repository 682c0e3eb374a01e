using System.Diagnostics;
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
}
