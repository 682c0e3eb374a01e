using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Postgres.Log;
using MemoryAspire.Postgres.Schema;
using MemoryAspire.Postgres.Writes;
using MemoryAspire.Redis.Values;
using MemoryAspire.TestStores;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace MemoryAspire.Redis.Tests;

public sealed class RedisLogConsumerTests(StoresFixture stores)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_empty_redis_is_brought_up_to_the_head_and_follows_from_there()
    {
        await using var source = await DatabaseAsync();
        await using var tier = await Tier.OpenAsync(await stores.CreateRedisDatabaseAsync());
        var before = await CreateAsync(source, "before");
        var follower = Follower(source);
        var consumer = new RedisLogConsumer(tier.Memory, new EventLog(source), new Random(1));

        await follower.CatchUpAsync(consumer, Cancellation);
        var after = await CreateAsync(source, "after");
        await follower.CatchUpAsync(consumer, Cancellation);

        var incarnation = (await new EventLog(source).ReadHeadsAsync(Cancellation)).Incarnation;
        Assert.Equal(ReadVerdict.Absent, (await tier.Memory.ReadAsync(Tier.Tenant, before, ReadLevel.Session, Position.None, incarnation)).Verdict);
        Assert.Equal(ReadVerdict.Served, (await tier.Memory.ReadAsync(Tier.Tenant, after, ReadLevel.Session, new Position(2), incarnation)).Verdict);
    }

    [Fact]
    public async Task A_flushed_redis_is_trusted_again_only_in_a_new_epoch()
    {
        await using var source = await DatabaseAsync();
        await using var tier = await Tier.OpenAsync(await stores.CreateRedisDatabaseAsync());
        var follower = Follower(source);
        var consumer = new RedisLogConsumer(tier.Memory, new EventLog(source), new Random(1));
        await follower.CatchUpAsync(consumer, Cancellation);
        await CreateAsync(source, "one");
        await follower.CatchUpAsync(consumer, Cancellation);
        var before = (await tier.Memory.ReadControlsAsync([tier.Partition]))[tier.Partition]!;

        await tier.Database.ExecuteAsync("FLUSHDB");
        await follower.CatchUpAsync(consumer, Cancellation);

        var after = (await tier.Memory.ReadControlsAsync([tier.Partition]))[tier.Partition]!;
        Assert.NotEqual(before.Epoch, after.Epoch);
        Assert.Equal(before.Applied, after.Applied);
    }

    [Fact]
    public async Task The_positions_of_another_database_are_dropped()
    {
        await using var first = await DatabaseAsync();
        await using var second = await DatabaseAsync();
        await using var tier = await Tier.OpenAsync(await stores.CreateRedisDatabaseAsync());
        await Follower(first).CatchUpAsync(new RedisLogConsumer(tier.Memory, new EventLog(first), new Random(1)), Cancellation);
        for (var at = 0; at < 3; at++) await CreateAsync(first, $"m {at}");
        await Follower(first).CatchUpAsync(new RedisLogConsumer(tier.Memory, new EventLog(first), new Random(1)), Cancellation);

        await Follower(second).CatchUpAsync(new RedisLogConsumer(tier.Memory, new EventLog(second), new Random(2)), Cancellation);

        var control = (await tier.Memory.ReadControlsAsync([tier.Partition]))[tier.Partition]!;
        Assert.Equal((await new EventLog(second).ReadHeadsAsync(Cancellation)).Incarnation, control.Incarnation);
        Assert.Equal(Position.None, control.Applied);
    }

    [Fact]
    public async Task An_epoch_that_is_beyond_the_log_ends_with_its_values()
    {
        await using var source = await DatabaseAsync();
        await using var tier = await Tier.OpenAsync(await stores.CreateRedisDatabaseAsync());
        await CreateAsync(source, "kept");
        var heads = await new EventLog(source).ReadHeadsAsync(Cancellation);
        var lost = tier.NewId(1);
        await tier.BeginAsync(head: 4, epoch: "beyond", incarnation: heads.Incarnation);
        await tier.Memory.ApplyAsync([tier.Event(5, lost, 1)], heads.Incarnation);

        // PostgreSQL has only come to 1: it lost what came after, without a new identity.
        await Follower(source).CatchUpAsync(new RedisLogConsumer(tier.Memory, new EventLog(source), new Random(1)), Cancellation);

        var control = (await tier.Memory.ReadControlsAsync([tier.Partition]))[tier.Partition]!;
        Assert.Equal((new Position(1), heads.Incarnation), (control.Applied, control.Incarnation));
        Assert.NotEqual("beyond", control.Epoch);
        Assert.Equal(ReadVerdict.Absent, (await tier.Memory.ReadAsync(Tier.Tenant, lost, ReadLevel.Eventual, Position.None, heads.Incarnation)).Verdict);
    }

    [Fact]
    public async Task Two_followers_at_once_do_no_harm()
    {
        await using var source = await DatabaseAsync();
        await using var tier = await Tier.OpenAsync(await stores.CreateRedisDatabaseAsync());
        var consumers = Enumerable.Range(0, 2).Select(seed => new RedisLogConsumer(tier.Memory, new EventLog(source), new Random(seed))).ToList();

        for (var round = 0; round < 10; round++)
        {
            await CreateAsync(source, $"m {round}");
            await Task.WhenAll(consumers.Select(consumer => Follower(source).CatchUpAsync(consumer, Cancellation)));
        }

        await Follower(source).CatchUpAsync(consumers[0], Cancellation);
        Assert.Equal(new Position(10), (await tier.Memory.ReadControlsAsync([tier.Partition]))[tier.Partition]!.Applied);
    }

    private static LogFollower Follower(NpgsqlDataSource source) => new(source, new EventLog(source), TimeProvider.System, NullLogger<LogFollower>.Instance);

    private static async Task<MemoryId> CreateAsync(NpgsqlDataSource source, string content)
    {
        using var hints = new LogHints(source, TimeProvider.System, NullLogger<LogHints>.Instance);
        var writer = new MemoryWriter(source, new TransactionStatus(source, TimeProvider.System), hints);
        var create = new WriteOperation.Create(
            MemoryId.Create(Partition.Of(Tier.Tenant, "ada"), TimeProvider.System.GetUtcNow(), new Random(content.Length * 31 + content[^1])),
            content, MemoryKind.Episodic, new Scope("ada"), CanonicalJson.EmptyObject, 0.5, null, default);
        await writer.WriteAsync(new WriteTransaction(Guid.CreateVersion7(), Tier.Tenant, "tester", "model", [create]), Cancellation);
        return create.Id;
    }

    private async Task<NpgsqlDataSource> DatabaseAsync()
    {
        var source = NpgsqlDataSource.Create(await stores.CreatePostgresDatabaseAsync());
        await new SchemaMigrations(source).ApplyAsync(Cancellation);
        return source;
    }
}
