using MemoryAspire.Contracts.Memories;
using MemoryAspire.Postgres.Writes;
using MemoryAspire.TestStores;

namespace MemoryAspire.Postgres.Tests;

public sealed class IdempotencyTests(StoresFixture stores)
{
    private static readonly IdempotencyKey Key = new("key-1", new byte[] { 1, 2, 3 });

    [Fact]
    public async Task A_repeated_write_happens_once_and_tells_the_same_again()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());

        var first = await WriteAsync(episode, Key, episode.NewMemory("once"));
        var again = await WriteAsync(episode, Key, episode.NewMemory("once"));

        var (original, repeated) = (Assert.IsType<WriteOutcome.Committed>(first), Assert.IsType<WriteOutcome.Committed>(again));
        Assert.False(original.Replayed);
        Assert.True(repeated.Replayed);
        Assert.Equal(MemoryJson.Encode(original.Events[0].State!.Memory), MemoryJson.Encode(Assert.Single(repeated.Events).State!.Memory));
        Assert.Equal(1, await episode.ScalarAsync<long>("select count(*) from memory_events"));
    }

    [Fact]
    public async Task Of_many_concurrent_repetitions_one_writes_and_none_waits_for_it()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 32).Select(at => WriteAsync(episode, Key, episode.NewMemory("once", user: $"user {at}"))));

        Assert.Single(outcomes.OfType<WriteOutcome.Committed>(), committed => !committed.Replayed);
        Assert.Single(outcomes.OfType<WriteOutcome.Committed>().Select(committed => committed.Events[0].MemoryId).Distinct());
        Assert.All(outcomes.Where(outcome => outcome is not WriteOutcome.Committed), outcome => Assert.IsType<WriteOutcome.KeyInFlight>(outcome));
        Assert.Equal(1, await episode.ScalarAsync<long>("select count(*) from memories"));
    }

    [Fact]
    public async Task A_failed_write_leaves_its_key_free_though_others_of_its_group_are_stored()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        var failing = Episode.Transaction(new WriteOperation.Delete(episode.NewMemory("never stored").Id)) with { Key = Key };
        var succeeding = Episode.Transaction(episode.NewMemory("stored")) with { Key = Key with { Text = "key-2" } };

        var outcomes = await episode.WriteGroupAsync(failing, succeeding);

        Assert.IsType<WriteOutcome.NotFound>(outcomes[0]);
        Assert.IsType<WriteOutcome.Committed>(outcomes[1]);
        Assert.False(Assert.IsType<WriteOutcome.Committed>(await WriteAsync(episode, Key, episode.NewMemory("stored too"))).Replayed);
        Assert.True(Assert.IsType<WriteOutcome.Committed>(await WriteAsync(episode, succeeding.Key!, episode.NewMemory("stored"))).Replayed);
    }

    [Fact]
    public async Task The_keys_of_a_group_are_settled_each_for_itself()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        await WriteAsync(episode, Key, episode.NewMemory("first"));

        var outcomes = await episode.WriteGroupAsync(
            Episode.Transaction(episode.NewMemory("first")) with { Key = Key },
            Episode.Transaction(episode.NewMemory("second")) with { Key = Key with { Text = "key-2" } },
            Episode.Transaction(episode.NewMemory("third")));

        Assert.Equal([true, false, false], outcomes.Select(outcome => Assert.IsType<WriteOutcome.Committed>(outcome).Replayed));
        Assert.Equal(3, await episode.ScalarAsync<long>("select count(*) from memory_events"));
    }

    [Fact]
    public async Task Another_request_with_the_same_key_is_refused_and_another_tenants_is_not()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        await WriteAsync(episode, Key, episode.NewMemory("once"));

        Assert.IsType<WriteOutcome.KeyReused>(await WriteAsync(episode, Key with { RequestHash = new byte[] { 9 } }, episode.NewMemory("twice")));
        Assert.IsType<WriteOutcome.Committed>(await WriteAsync(episode, Key, episode.NewMemory("theirs"), "other"));
        Assert.Equal(2, await episode.ScalarAsync<long>("select count(*) from memories"));
    }

    [Fact]
    public async Task A_write_that_stored_nothing_leaves_its_key_free()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        var missing = episode.NewMemory("never stored").Id;

        Assert.IsType<WriteOutcome.NotFound>(await WriteAsync(episode, Key, new WriteOperation.Delete(missing)));
        Assert.False(Assert.IsType<WriteOutcome.Committed>(await WriteAsync(episode, Key, episode.NewMemory("stored"))).Replayed);
    }

    [Fact]
    public async Task A_repetition_of_a_write_under_way_is_told_so_at_once()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        await using (await episode.Writer.BeginAsync([Episode.Transaction(episode.NewMemory("once")) with { Key = Key }], TestContext.Current.CancellationToken))
        {
            Assert.IsType<WriteOutcome.KeyInFlight>(await WriteAsync(episode, Key, episode.NewMemory("once", user: "bob")));
        }

        Assert.IsType<WriteOutcome.Committed>(await WriteAsync(episode, Key, episode.NewMemory("once")));
    }

    [Fact]
    public async Task A_key_is_free_again_after_a_day()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        await WriteAsync(episode, Key, episode.NewMemory("yesterday"));
        await using (var command = episode.Source.CreateCommand("update idempotency_keys set created_at = created_at - interval '25 hours'"))
        {
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        Assert.False(Assert.IsType<WriteOutcome.Committed>(await WriteAsync(episode, Key, episode.NewMemory("today"))).Replayed);
        Assert.True(Assert.IsType<WriteOutcome.Committed>(await WriteAsync(episode, Key, episode.NewMemory("today"))).Replayed);
    }

    private static async Task<WriteOutcome> WriteAsync(Episode episode, IdempotencyKey key, WriteOperation operation, string tenant = Episode.Tenant) =>
        (await episode.WriteGroupAsync(Episode.Transaction(operation) with { Tenant = tenant, Key = key }))[0];
}
