using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Postgres.Conflicts;
using MemoryAspire.Postgres.Rebuild;
using MemoryAspire.Postgres.Retention;
using MemoryAspire.Postgres.Writes;
using MemoryAspire.TestStores;
using Npgsql;

namespace MemoryAspire.Postgres.Tests;

public sealed class RetentionTests(StoresFixture stores)
{
    private static readonly TimeSpan Age = TimeSpan.FromDays(30);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_states_of_memories_deleted_long_ago_go_and_the_chain_of_events_stays()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        var (old, living) = (episode.NewMemory("Old secret."), episode.NewMemory("Living."));
        await episode.CommitAsync(old);
        await episode.CommitAsync(living);
        await UpdateAsync(episode, living.Id, "Still living.");
        await episode.CommitAsync(new WriteOperation.Delete(old.Id));
        await AgeAsync(episode, Age);
        var recent = episode.NewMemory("Recently deleted.");
        await episode.CommitAsync(recent);
        await episode.CommitAsync(new WriteOperation.Delete(recent.Id));

        var compacted = await RunAsync(episode, RetentionRule.Deleted);

        Assert.Equal((1, 1), compacted);
        Assert.Equal(
            [(EventType.Created, true), (EventType.Created, false), (EventType.Updated, false), (EventType.Deleted, false), (EventType.Created, false), (EventType.Deleted, false)],
            (await LogAsync(episode, old.Id.Partition)).Select(@event => (@event.Type, @event.Redacted == Redaction.Compacted)));
        Assert.Equal(["Living.", "Recently deleted.", "Still living."], await ContentsAsync(episode));
        Assert.Equal((0, 0), await RunAsync(episode, RetentionRule.Deleted));
    }

    [Fact]
    public async Task Replaced_states_go_and_vectors_that_a_later_state_still_has_stay()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        var memory = episode.NewMemory("First.");
        await episode.CommitAsync(memory);
        await UpdateAsync(episode, memory.Id, "Second, same vector.");
        await UpdateAsync(episode, memory.Id, "Third.", [0, 0, 0, 64]);
        await UpdateAsync(episode, memory.Id, "Fourth, same vector as the third.");
        await AgeAsync(episode, Age);

        var compacted = await RunAsync(episode, RetentionRule.Superseded, limit: 1);

        Assert.Equal((3, 1), compacted);
        Assert.Equal(["Fourth, same vector as the third."], await ContentsAsync(episode));
        var last = (await LogAsync(episode, memory.Id.Partition))[^1];
        Assert.Equal((3L, 4), (last.State!.VectorVersion!.Value, last.State.Vector.Length));
    }

    [Fact]
    public async Task What_was_compacted_neither_harms_a_rebuild_nor_comes_back()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        var memory = episode.NewMemory("First.");
        await episode.CommitAsync(memory);
        await UpdateAsync(episode, memory.Id, "Second.");
        await AgeAsync(episode, Age);
        await RunAsync(episode, RetentionRule.Superseded);

        var rebuilt = await new MemoryRebuild(episode.Source).RunAsync(memory.Id.Partition, Cancellation);

        Assert.True(rebuilt.LogIsWhole);
        Assert.Empty(rebuilt.Repaired);
        var merge = new WriteOperation.Update(memory.Id, new MemoryPatch { Content = "Third." }, IfMatch: 1, OnConflict.Merge);
        Assert.IsType<WriteOutcome.VersionConflict>(await episode.WriteAsync(merge));
        Assert.IsType<WriteOutcome.Committed>(await episode.WriteAsync(new WriteOperation.Update(memory.Id, new MemoryPatch { Content = "Third." }, IfMatch: 2)));
    }

    [Fact]
    public async Task Old_idempotency_keys_go_in_batches_and_those_of_a_day_stay()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        foreach (var key in new[] { "a", "b", "c", "young" })
        {
            await episode.WriteGroupAsync(Episode.Transaction(episode.NewMemory(key)) with { Key = new IdempotencyKey(key, new byte[] { 1 }) });
        }

        await ExecuteAsync(episode, "update idempotency_keys set created_at = now() - interval '25 hours' where key <> 'young'");
        var retention = new LogRetention(episode.Source);

        var removed = new List<int>();
        for (var batch = 0; batch < 3; batch++) removed.Add(await retention.RemoveKeysAsync(TimeSpan.FromDays(1), 2, Always, Cancellation));

        Assert.Equal([2, 1, 0], removed);
        Assert.Equal(["young"], await episode.ScalarAsync<string[]>("select array_agg(key) from idempotency_keys"));
    }

    [Fact]
    public async Task Who_may_no_longer_write_changes_nothing()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        var memory = episode.NewMemory("Stays.");
        await episode.CommitAsync(memory);
        await episode.CommitAsync(new WriteOperation.Delete(memory.Id));
        await AgeAsync(episode, Age);

        await Assert.ThrowsAsync<TimeoutException>(() => new LogRetention(episode.Source).StepAsync(
            RetentionRule.Deleted, memory.Id.Partition, Age, 10, (_, _) => throw new TimeoutException("Deposed."), Cancellation));

        Assert.Equal(["Stays."], await ContentsAsync(episode));
    }

    private static Task Always(NpgsqlTransaction transaction, CancellationToken cancellationToken) => Task.CompletedTask;

    private static async Task<(long Compacted, long Vectors)> RunAsync(Episode episode, RetentionRule rule, int limit = 10)
    {
        var (compacted, vectors) = (0L, 0L);
        foreach (var partition in Partition.All)
        {
            RetentionStep step;
            do
            {
                step = await new LogRetention(episode.Source).StepAsync(rule, partition, Age, limit, Always, Cancellation);
                (compacted, vectors) = (compacted + step.Compacted, vectors + step.Vectors);
            }
            while (step.Looked == limit);
        }

        return (compacted, vectors);
    }

    private static Task<IReadOnlyList<MemoryEvent>> LogAsync(Episode episode, Partition partition) =>
        episode.Log.ReadAsync([KeyValuePair.Create(partition, Position.None)], Episode.Model, 100, Cancellation);

    private static Task<string[]> ContentsAsync(Episode episode) =>
        episode.ScalarAsync<string[]>("select array_agg(content order by content collate \"C\") from memory_events where content is not null");

    private static Task<MemoryEvent> UpdateAsync(Episode episode, MemoryId id, string content, byte[]? vector = null) =>
        episode.CommitAsync(new WriteOperation.Update(id, new MemoryPatch { Content = content }, Vector: vector is null ? (ReadOnlyMemory<byte>?)null : vector));

    private static Task AgeAsync(Episode episode, TimeSpan age) => ExecuteAsync(episode, $"update memory_events set at = at - interval '{age.TotalDays + 1} days'");

    private static async Task ExecuteAsync(Episode episode, string sql)
    {
        await using var command = episode.Source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}
