using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Postgres.Log;
using MemoryAspire.Postgres.Schema;
using MemoryAspire.TestStores;
using Microsoft.Extensions.Logging.Abstractions;

namespace MemoryAspire.Postgres.Tests;

public sealed class LogWatchTests(StoresFixture stores)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_reader_hears_of_a_commit_and_of_the_heads_that_were_there_before()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        using var gate = new SchemaGate(new SchemaMigrations(episode.Source), TimeProvider.System, NullLogger<SchemaGate>.Instance);
        using var watch = new LogWatch(episode.Source, episode.Log, gate, TimeProvider.System, NullLogger<LogWatch>.Instance);
        await gate.StartAsync(Cancellation);
        await watch.StartAsync(Cancellation);
        await episode.Hints.StartAsync(Cancellation);
        using var first = watch.Join();
        using var second = watch.Join();
        var ada = Partition.Of(Episode.Tenant, "ada");
        var before = await watch.AfterAsync(null, Cancellation);

        var waiting = Enumerable.Range(0, 5).Select(_ => ReachAsync(watch, before, ada, new Position(1))).ToList();
        await episode.CommitAsync(episode.NewMemory("x"));
        await Task.WhenAll(waiting);

        Assert.Equal(Position.None, before[ada]);
        await watch.StopAsync(Cancellation);
    }

    [Fact]
    public async Task The_watch_rests_while_nobody_has_joined()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        using var gate = new SchemaGate(new SchemaMigrations(episode.Source), TimeProvider.System, NullLogger<SchemaGate>.Instance);
        using var watch = new LogWatch(episode.Source, episode.Log, gate, TimeProvider.System, NullLogger<LogWatch>.Instance);
        await gate.StartAsync(Cancellation);
        await watch.StartAsync(Cancellation);

        using (watch.Join()) await watch.AfterAsync(null, Cancellation);
        while (await ListenersAsync() > 0) await Task.Delay(50, Cancellation);
        using (watch.Join()) await watch.AfterAsync(null, Cancellation);

        Assert.Equal(1, await ListenersAsync());
        await watch.StopAsync(Cancellation);

        async Task<long> ListenersAsync() => await episode.ScalarAsync<long>(
            "select count(*) from pg_stat_activity where datname = current_database() and state = 'idle' and query like 'listen%'");
    }

    private static async Task ReachAsync(LogWatch watch, LogHeads known, Partition partition, Position position)
    {
        while (known[partition] < position) known = await watch.AfterAsync(known, Cancellation);
    }
}
