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
    public async Task Of_many_concurrent_repetitions_one_writes()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 32).Select(at => WriteAsync(episode, Key, episode.NewMemory("once", user: $"user {at}"))));

        Assert.Single(outcomes.OfType<WriteOutcome.Committed>(), committed => !committed.Replayed);
        Assert.Single(outcomes.Cast<WriteOutcome.Committed>().Select(committed => committed.Events[0].MemoryId).Distinct());
        Assert.Equal(1, await episode.ScalarAsync<long>("select count(*) from memories"));
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
    public async Task A_repetition_of_a_write_under_way_waits_two_seconds_and_gives_up()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        await using var connection = await episode.Source.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var database = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        var first = new WriteTransaction(Guid.CreateVersion7(), Episode.Tenant, "tester", Episode.Model, [], Key);
        Assert.Null(await IdempotencyKeys.TakeAsync(connection, database, first, Key, TestContext.Current.CancellationToken));

        Assert.IsType<WriteOutcome.KeyInFlight>(await WriteAsync(episode, Key, episode.NewMemory("once")));

        await database.RollbackAsync(TestContext.Current.CancellationToken);
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

    private static Task<WriteOutcome> WriteAsync(Episode episode, IdempotencyKey key, WriteOperation operation, string tenant = Episode.Tenant) =>
        episode.Writer.WriteAsync(
            new WriteTransaction(Guid.CreateVersion7(), tenant, "tester", Episode.Model, [operation], key), TestContext.Current.CancellationToken);
}
