using MemoryAspire.Contracts.Identity;
using MemoryAspire.Postgres.Rebuild;
using MemoryAspire.Postgres.Writes;
using MemoryAspire.TestStores;
using Npgsql;

namespace MemoryAspire.Postgres.Tests.Rebuild;

public sealed class RebuildAmongWritersTests(StoresFixture stores)
{
    private const string Waiting = "from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Writers_of_the_partition_wait_and_those_of_others_go_on()
    {
        await using var history = await History.MakeAsync(await stores.CreatePostgresDatabaseAsync(), seed: 7, steps: 60);
        var user = await history.Episode.ScalarAsync<string>("select \"user\" from memories order by id limit 1");
        var partition = Partition.Of(Episode.Tenant, user);
        await history.ExecuteAsync("update memories set content = 'wrong'");

        Task<PartitionRebuild> rebuilding;
        Task<WriteOutcome> writing;
        await using (await HoldRowAsync(history, partition))
        {
            rebuilding = history.Rebuild.RunAsync(partition, Cancellation);
            await WaitersAsync(history, 1);
            writing = history.Episode.WriteAsync(history.Episode.NewMemory("waits", user));
            await WaitersAsync(history, 2);

            Assert.NotEqual(partition, Partition.Of(Episode.Tenant, "somebody else"));
            Assert.IsType<WriteOutcome.Committed>(await history.Episode.WriteAsync(history.Episode.NewMemory("goes on", "somebody else")));
            Assert.False(rebuilding.IsCompleted || writing.IsCompleted);
        }

        Assert.NotEmpty((await rebuilding).Replaced);
        Assert.IsType<WriteOutcome.Committed>(await writing);
        Assert.Empty((await history.Rebuild.RunAsync(partition, Cancellation)).Repaired);
        Assert.Equal(1, await history.Episode.ScalarAsync<long>("select count(*) from memories where content = 'waits'"));
    }

    [Fact]
    public async Task A_rebuild_that_is_killed_leaves_each_partition_old_or_new()
    {
        await using var history = await History.MakeAsync(await stores.CreatePostgresDatabaseAsync(), seed: 8, steps: 60);
        var partitions = await history.PartitionsAsync();
        var rebuilt = await StatesAsync(history, partitions);
        foreach (var killedAt in partitions)
        {
            await history.ExecuteAsync("update memories set content = 'wrong'");
            var spoiled = await StatesAsync(history, partitions);

            await using (await HoldRowAsync(history, killedAt))
            {
                var rebuilding = history.RebuildAsync();
                await WaitersAsync(history, 1);
                Assert.True(await history.Episode.ScalarAsync<bool>($"select pg_terminate_backend(pid) {Waiting}"));
                await Assert.ThrowsAnyAsync<NpgsqlException>(() => rebuilding);
            }

            var expected = partitions.Select((partition, at) => partition < killedAt ? rebuilt[at] : spoiled[at]);
            Assert.Equal(expected, await StatesAsync(history, partitions));
        }

        await history.RebuildAsync(partitions);
        Assert.Equal(history.Rows, await history.RowsAsync());
    }

    [Fact]
    public async Task Among_writers_nothing_right_is_repaired()
    {
        await using var history = await History.MakeAsync(await stores.CreatePostgresDatabaseAsync(), seed: 9, steps: 20);
        var partitions = await history.PartitionsAsync();
        var users = await history.Episode.ScalarAsync<string[]>("select array_agg(distinct \"user\") from memories");
        var writing = Task.WhenAll(users.Select(user => Task.Run(() => WriteAsync(history.Episode, user), Cancellation)));

        var repaired = new List<MemoryId>();
        do
        {
            repaired.AddRange((await history.RebuildAsync(partitions)).SelectMany(partition => partition.Repaired));
        }
        while (!writing.IsCompleted);

        await writing;
        Assert.Empty(repaired);
    }

    private static async Task WriteAsync(Episode episode, string user)
    {
        for (var at = 0; at < 20; at++)
        {
            WriteOperation.Create create;
            lock (episode) create = episode.NewMemory($"memory {at}", user);
            await episode.CommitAsync(create);
            if (at % 2 == 0) await episode.CommitAsync(new WriteOperation.Delete(create.Id));
        }
    }

    /// <summary>Holds one row of a partition, so that its rebuild comes to a halt half way, until this is disposed.</summary>
    private static async Task<NpgsqlConnection> HoldRowAsync(History history, Partition partition)
    {
        // The pool rolls back what a closed connection left open.
        var connection = await history.Episode.Source.OpenConnectionAsync(Cancellation);
        await using var command = new NpgsqlCommand(
            $"begin; select from memories where partition = {partition.Value} order by id desc limit 1 for update", connection);
        await command.ExecuteNonQueryAsync(Cancellation);
        return connection;
    }

    private static async Task WaitersAsync(History history, int count)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while (await history.Episode.ScalarAsync<long>($"select count(*) {Waiting}") < count) await Task.Delay(5, patience.Token);
    }

    private static async Task<IReadOnlyList<string>> StatesAsync(History history, IReadOnlyList<Partition> partitions)
    {
        var states = new List<string>();
        foreach (var partition in partitions) states.Add(await history.RowsAsync(partition));
        return states;
    }
}
