using System.Runtime.InteropServices;
using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Postgres.Conflicts;
using MemoryAspire.Postgres.Dedupe;
using MemoryAspire.Postgres.Writes;
using MemoryAspire.TestStores;

namespace MemoryAspire.Postgres.Tests;

public sealed class DedupeTests(StoresFixture stores)
{
    public static TheoryData<string?, string?, string?> Scopes => new() { { "ada", null, null }, { "ada", "concierge", "s1" }, { null, "concierge", null }, { null, null, "s1" }, { null, "concierge", "s1" }, { null, null, null } };

    [Theory]
    [MemberData(nameof(Scopes))]
    public async Task Of_many_equal_creates_at_once_one_is_made_and_the_others_find_it(string? user, string? agent, string? session)
    {
        await using var episode = await BeginAsync();
        var scope = new Scope(user, agent, session);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 32).Select(at => episode.WriteAsync(Exact(episode, "Ada prefers tea.", scope, partitionBy: $"{at}"))));

        var results = outcomes.Select(Result).ToList();
        Assert.Single(results, result => result.IsNew);
        Assert.Single(results.Select(result => result.Event!.MemoryId).Distinct());
        Assert.Equal(1, await episode.ScalarAsync<long>("select count(*) from memories"));
        Assert.Equal(1, await episode.ScalarAsync<long>("select count(*) from memory_events"));
    }

    [Fact]
    public async Task Equal_creates_of_one_group_and_of_one_transaction_are_one_memory()
    {
        await using var episode = await BeginAsync();
        WriteOperation One() => Exact(episode, "Ada prefers tea.", new Scope("ada"));

        var outcomes = await episode.WriteGroupAsync(
            Episode.Transaction(One(), episode.NewMemory("Else.", "bob"), One()), Episode.Transaction(One()), Episode.Transaction(episode.NewMemory("Ada prefers tea."), One()));

        var first = Assert.IsType<WriteOutcome.Committed>(outcomes[0]);
        Assert.Equal([true, true, false], first.Results.Select(result => result.IsNew));
        Assert.Equal(first.Events[0], first.Results[2].Event);
        Assert.Equal(2, first.Events[0].Span.Count);
        Assert.Equal((false, first.Events[0]), (Result(outcomes[1]).IsNew, Result(outcomes[1]).Event));
        Assert.Equal([true, false], ((WriteOutcome.Committed)outcomes[2]).Results.Select(result => result.IsNew));
        Assert.Equal(3, await episode.ScalarAsync<long>("select count(*) from memories"));
    }

    [Fact]
    public async Task A_transaction_that_fails_leaves_no_owner_behind()
    {
        await using var episode = await BeginAsync();

        var outcomes = await episode.WriteGroupAsync(
            Episode.Transaction(Exact(episode, "Ada prefers tea.", new Scope("ada")), new WriteOperation.Delete(episode.NewMemory("x").Id)),
            Episode.Transaction(Exact(episode, "Ada prefers tea.", new Scope("ada"))));

        Assert.IsType<WriteOutcome.NotFound>(outcomes[0]);
        Assert.True(Result(outcomes[1]).IsNew);

        await episode.WriteGroupAsync(
            Episode.Transaction(Similar(episode, "Never.", Vector(1, 0)), new WriteOperation.Delete(episode.NewMemory("x").Id)), Episode.Transaction(episode.NewMemory("y")));
        Assert.Equal(1, await episode.ScalarAsync<long>("select count(*) from dedupe_keys"));
        Assert.Equal(1, await episode.ScalarAsync<long>("select count(*) from dedupe_keys where memory_id is not null"));
    }

    [Theory]
    [InlineData("bob", null, MemoryKind.Semantic, "Ada prefers tea.")]
    [InlineData("ada", "concierge", MemoryKind.Semantic, "Ada prefers tea.")]
    [InlineData("ada", null, MemoryKind.Episodic, "Ada prefers tea.")]
    [InlineData("ada", null, MemoryKind.Semantic, "ada prefers tea.")]
    public async Task Another_scope_kind_or_text_is_another_memory(string user, string? agent, MemoryKind kind, string content)
    {
        await using var episode = await BeginAsync();
        await episode.WriteAsync(Exact(episode, "Ada prefers tea.", new Scope("ada")));

        Assert.True(Result(await episode.WriteAsync(Exact(episode, content, new Scope(user, agent), kind))).IsNew);
    }

    [Fact]
    public async Task Another_tenants_equal_memory_is_not_found()
    {
        await using var episode = await BeginAsync();
        var theirs = Episode.Transaction(Exact(episode, "Ada prefers tea.", new Scope("ada"))) with { Tenant = "other" };

        var outcomes = await episode.WriteGroupAsync(theirs, Episode.Transaction(Exact(episode, "Ada prefers tea.", new Scope("ada"))));
        var later = await episode.WriteAsync(Exact(episode, "Ada prefers tea.", new Scope("ada")));

        Assert.True(Result(outcomes[1]).IsNew);
        Assert.Equal((false, Episode.Tenant), (Result(later).IsNew, Result(later).Event!.Tenant));
    }

    [Theory]
    [MemberData(nameof(Scopes))]
    public async Task A_memory_that_was_made_without_dedupe_is_found(string? user, string? agent, string? session)
    {
        await using var episode = await BeginAsync();
        var scope = new Scope(user, agent, session);
        var made = await episode.CommitAsync(episode.NewMemory("Ada prefers tea.", scope: scope));

        var result = Result(await episode.WriteAsync(Exact(episode, "Ada prefers tea.", scope)));

        Assert.Equal((false, made.MemoryId, made.Position), (result.IsNew, result.Event!.MemoryId, result.Event.Position));
        Assert.Equal(MemoryJson.Encode(made.State!.Memory), MemoryJson.Encode(result.Event.State!.Memory));
    }

    [Fact]
    public async Task An_owner_that_is_deleted_expired_or_changed_is_replaced()
    {
        await using var episode = await BeginAsync();
        WriteOperation.Create One() => Exact(episode, "Ada prefers tea.", new Scope("ada"));
        var first = Result(await episode.WriteAsync(One())).Event!;

        await episode.WriteAsync(new WriteOperation.Delete(first.MemoryId));
        var second = Result(await episode.WriteAsync(One()));
        await episode.WriteAsync(new WriteOperation.Update(second.Event!.MemoryId, new MemoryPatch { Content = "Ada prefers coffee." }));
        var third = Result(await episode.WriteAsync(One()));
        await episode.ScalarAsync<object>($"update memories set expires_at = now() - interval '1 second' where id = '{third.Event!.MemoryId}' returning id");
        var fourth = Result(await episode.WriteAsync(One()));
        var fifth = Result(await episode.WriteAsync(One()));

        Assert.Equal([true, true, true, false], new[] { second, third, fourth, fifth }.Select(result => result.IsNew));
        Assert.Equal(fourth.Event!.MemoryId, fifth.Event!.MemoryId);
        var both = Assert.IsType<WriteOutcome.Committed>(await episode.WriteAsync(new WriteOperation.Delete(fourth.Event.MemoryId), One()));
        Assert.Equal([EventType.Deleted, EventType.Created], both.Events.Select(@event => @event.Type));
    }

    [Fact]
    public async Task A_repetition_with_its_key_is_told_the_same_also_when_it_made_nothing()
    {
        await using var episode = await BeginAsync();
        var made = Result(await episode.WriteAsync(Exact(episode, "Ada prefers tea.", new Scope("ada")))).Event!;
        WriteTransaction Keyed() => Episode.Transaction(Exact(episode, "Ada prefers tea.", new Scope("ada")), episode.NewMemory("New."), Exact(episode, "Ada prefers tea.", new Scope("ada")))
            with { Key = new IdempotencyKey("k", new byte[] { 1 }) };
        WriteTransaction Single() => Episode.Transaction(Exact(episode, "Ada prefers tea.", new Scope("ada"))) with { Key = new IdempotencyKey("single", new byte[] { 1 }) };

        var first = (await episode.WriteGroupAsync(Keyed()))[0];
        var single = (await episode.WriteGroupAsync(Single()))[0];
        await episode.WriteAsync(new WriteOperation.Delete(made.MemoryId));
        var again = Assert.IsType<WriteOutcome.Committed>((await episode.WriteGroupAsync(Keyed()))[0]);
        var singleAgain = Assert.IsType<WriteOutcome.Committed>((await episode.WriteGroupAsync(Single()))[0]);

        Assert.True(again.Replayed && singleAgain.Replayed);
        Assert.Equal([false, true, false], again.Results.Select(result => result.IsNew));
        Assert.Equal(Told(first), Told(again));
        Assert.Equal(Told(single), Told(singleAgain));
        Assert.False(Result(singleAgain).IsNew);
    }

    [Fact]
    public async Task What_was_made_once_is_not_made_again_whatever_became_of_it()
    {
        await using var episode = await BeginAsync();
        WriteOperation One(string content) => episode.NewMemory(content) with { Dedupe = DedupeRule.Once("message", "7") };

        var made = Result(await episode.WriteAsync(One("A.")));
        var found = Result(await episode.WriteAsync(One("B.")));
        await episode.WriteAsync(new WriteOperation.Delete(made.Event!.MemoryId));
        var gone = Result(await episode.WriteAsync(One("C.")));

        Assert.Equal((true, false, false), (made.IsNew, found.IsNew, gone.IsNew));
        Assert.Equal("A.", found.Event!.State!.Memory.Content);
        Assert.Null(gone.Event);
        Assert.Equal(0, await episode.ScalarAsync<long>("select count(*) from memories"));
    }

    [Fact]
    public async Task Of_many_similar_creates_at_once_one_is_made()
    {
        await using var episode = await BeginAsync();
        await episode.WriteAsync(episode.NewMemory("Far.", vector: Vector(0, 1)), episode.NewMemory("Near, but bob's.", "bob", vector: Vector(1, 0)));

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 32).Select(at => episode.WriteAsync(Similar(episode, $"Tea, said {at} times.", Vector(1, at * 0.001f)))));

        var results = outcomes.Select(Result).ToList();
        Assert.Single(results, result => result.IsNew);
        Assert.Single(results.Select(result => result.Event!.MemoryId).Distinct());
    }

    [Fact]
    public async Task The_most_similar_memory_is_found_and_one_below_the_threshold_is_not()
    {
        await using var episode = await BeginAsync();
        await episode.CommitAsync(episode.NewMemory("Near.", vector: Vector(1, 0.2f)));
        var nearest = await episode.CommitAsync(episode.NewMemory("Nearest.", vector: Vector(1, 0.1f)));

        Assert.Equal(nearest.MemoryId, Result(await episode.WriteAsync(Similar(episode, "x", Vector(1, 0)))).Event!.MemoryId);
        Assert.True(Result(await episode.WriteAsync(Similar(episode, "y", Vector(1, 0.6f)))).IsNew);
        Assert.True(Result(await episode.WriteAsync(Similar(episode, "!!!", []))).IsNew);
        Assert.False(Result(await episode.WriteAsync(Similar(episode, "!!!", []))).IsNew);
    }

    [Fact]
    public async Task Similar_creates_of_one_group_are_one_memory()
    {
        await using var episode = await BeginAsync();

        var outcomes = await episode.WriteGroupAsync(
            Episode.Transaction(Similar(episode, "Tea.", Vector(1, 0))), Episode.Transaction(Similar(episode, "Tea!", Vector(1, 0.01f)), Similar(episode, "Coffee.", Vector(0, 1))));

        Assert.Equal([false, true], ((WriteOutcome.Committed)outcomes[1]).Results.Select(result => result.IsNew));
        Assert.Equal(Result(outcomes[0]).Event, ((WriteOutcome.Committed)outcomes[1]).Results[0].Event);
    }

    [Fact]
    public async Task Groups_that_share_keys_in_any_order_never_deadlock()
    {
        await using var episode = await BeginAsync();
        var random = new Random(11);
        var groups = Enumerable.Range(0, 60)
            .Select(_ => Enumerable.Range(0, 8).OrderBy(_ => random.Next()).Select(at => (WriteOperation)Exact(episode, $"Fact {at}.", new Scope($"user {at}"), partitionBy: $"user {at}")).ToArray())
            .ToList();

        var outcomes = await Task.WhenAll(groups.Select(operations => episode.WriteAsync(operations)));

        Assert.All(outcomes, outcome => Assert.IsType<WriteOutcome.Committed>(outcome));
        Assert.Equal(8, await episode.ScalarAsync<long>("select count(*) from memories"));
    }

    private async Task<Episode> BeginAsync() => await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());

    private static WriteOperation.Create Exact(Episode episode, string content, Scope scope, MemoryKind kind = MemoryKind.Semantic, string partitionBy = "ada") =>
        episode.NewMemory(content, partitionBy, scope) with { Kind = kind, Dedupe = DedupeRule.Exact(scope, kind, content) };

    private static WriteOperation.Create Similar(Episode episode, string content, byte[] vector) =>
        episode.NewMemory(content, vector: vector) with { Vector = vector, Dedupe = DedupeRule.Similar(new Scope("ada"), MemoryKind.Semantic, content, 0.95) };

    private static byte[] Vector(params float[] values) => MemoryMarshal.AsBytes<float>(values).ToArray();

    private static FoundMemory Result(WriteOutcome outcome) => Assert.Single(Assert.IsType<WriteOutcome.Committed>(outcome).Results);

    private static List<(string, long)> Told(WriteOutcome outcome) =>
        [.. ((WriteOutcome.Committed)outcome).Told.Select(@event => (@event.State!.Memory.Content, @event.Position.Value))];
}
