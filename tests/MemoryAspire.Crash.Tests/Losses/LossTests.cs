using System.Globalization;
using System.Net;
using MemoryAspire.TestStores;
using StackExchange.Redis;

namespace MemoryAspire.Crash.Tests.Losses;

/// <summary>
/// Real processes; Redis is lost in every way we know of. Reads and writes go on, a token never meets the past, answers say what
/// was passed over, and when the loss is over everything is as before without a person.
/// </summary>
public sealed class LossTests(LossStack stack) : IClassFixture<LossStack>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _user = $"ada-{Guid.NewGuid():N}";

    internal static IReadOnlyList<string> All { get; } =
    [
        "killed, and away", "everything flushed", "restarted without data", "restarted with an older AOF", "failover to a replica that lagged",
        "values evicted", "out of memory", "too slow (`CLIENT PAUSE`)", "a read-only replica answers", "the connection breaks before a script's answer",
    ];

    [Fact]
    public Task Killed_and_away() => LoseAsync(All[0], () => stack.Redis.KillAsync(), heal: () => stack.Redis.RestartAsync());

    [Fact]
    public Task Everything_flushed() => LoseAsync(All[1], async () =>
    {
        await stack.FreezeFollowerAsync();
        await stack.Server.FlushAllDatabasesAsync();
    });

    [Fact]
    public Task Restarted_without_data() => LoseAsync(All[2], async () =>
    {
        await stack.FreezeFollowerAsync();
        await stack.RestartEmptyAsync();
    });

    [Fact]
    public Task Restarted_with_an_older_aof() => LoseAsync(
        All[3],
        async () =>
        {
            await stack.FreezeFollowerAsync();
            await stack.RestartOlderAsync();
        },
        early: () => stack.CopyFilesAsync(),
        comesBack: true);

    [Fact]
    public async Task Failover_to_a_replica_that_lagged()
    {
        await using var replica = await RedisServer.StartAsync(new() { Arguments = ["--masterauth", "memory-tests"] });
        await using var connection = await ConnectionMultiplexer.ConnectAsync(replica.ConnectionString);
        var server = connection.GetServers()[0];
        await LoseAsync(
            All[4],
            async () =>
            {
                await stack.FreezeFollowerAsync();
                stack.Gate.Target = replica.Port;
                await stack.Redis.KillAsync();
                stack.Gate.Cut();
            },
            early: async () =>
            {
                await server.ExecuteAsync("REPLICAOF", "127.0.0.1", stack.Redis.Port);
                await UntilAsync(async () => (await server.InfoRawAsync("replication"))!.Contains("master_link_status:up", StringComparison.Ordinal)
                    && await server.DatabaseSizeAsync() == await stack.Server.DatabaseSizeAsync());
                await server.ExecuteAsync("REPLICAOF", "NO", "ONE");
            },
            comesBack: true);

        // Back to the first one, empty: another loss, for the tests that follow.
        stack.Gate.Target = stack.Redis.Port;
        await stack.RestartEmptyAsync();
        stack.Gate.Cut();
        await RecoverAsync();
    }

    [Fact]
    public Task Values_evicted() => LoseAsync(
        All[5],
        async () =>
        {
            // As volatile-lru does it when other values need the room.
            var used = long.Parse(await InfoAsync("used_memory"), CultureInfo.InvariantCulture);
            await stack.Server.ConfigSetAsync("maxmemory", used + 2_000_000);
            for (var filler = 0; await CountAsync("memory:*") > 0; filler++)
            {
                Assert.InRange(filler, 0, 5_000);
                await stack.Connection.GetDatabase().StringSetAsync($"filler:{filler}", new byte[64_000], TimeSpan.FromMinutes(5));
            }

            Assert.Equal(256, await CountAsync("control:*"));
        },
        heal: FreeAsync);

    [Fact]
    public Task Out_of_memory() => LoseAsync(All[6], () => stack.Server.ConfigSetAsync("maxmemory", 1), heal: FreeAsync);

    [Fact]
    public Task Too_slow() => LoseAsync(All[7], () => stack.Server.ExecuteAsync("CLIENT", "PAUSE", 8_000));

    [Fact]
    public Task A_read_only_replica_answers() => LoseAsync(
        All[8],
        () => stack.Server.ExecuteAsync("REPLICAOF", "127.0.0.1", "1"),
        heal: () => stack.Server.ExecuteAsync("REPLICAOF", "NO", "ONE"));

    [Fact]
    public Task The_connection_breaks_before_a_scripts_answer() => LoseAsync(
        All[9],
        async () =>
        {
            // The script that brings the next write's state: it runs, but nobody hears of it.
            await stack.FreezeFollowerAsync();
            stack.Gate.CutAt("Third.");
        },
        lost: async () =>
        {
            Assert.True(stack.Gate.HasCut);
            await UntilAsync(async () => (await stack.Client.CreateAsync(_user, "Connected again.")).Redis == "applied");
        });

    [Fact]
    public void The_documented_table_has_a_row_for_every_loss()
    {
        Assert.SkipWhen(stack.Table.IsUpdated, "This run writes it.");
        Assert.Equal(All.Select(loss => $"| {loss} |"), stack.Table.Documented().Select(row => string.Concat(row.Split('|')[..2].Select(cell => cell + "|"))));
    }

    /// <param name="lose">What happens to Redis.</param>
    /// <param name="heal">What ends it, if it does not end by itself.</param>
    /// <param name="early">What happens before the last writes that Redis takes.</param>
    /// <param name="lost">What is waited for after the write that meets the loss.</param>
    /// <param name="comesBack">Whether Redis serves again at once, but older: the API is waited for to have found it.</param>
    private async Task LoseAsync(
        string name, Func<Task> lose, Func<Task>? heal = null, Func<Task>? early = null, Func<Task>? lost = null, bool comesBack = false)
    {
        await RecoverAsync();
        var changed = await stack.Client.CreateAsync(_user, "First.");
        var deleted = await stack.Client.CreateAsync(_user, "To be deleted.");
        var bystander = await stack.Client.CreateAsync(_user, "Left alone.");
        if (early is not null)
        {
            await early();
            await RecoverAsync();
        }

        var updated = await stack.Client.UpdateAsync(changed.Id, "Second.");
        var deletion = await stack.Client.RemoveAsync(deleted.Id);
        Assert.Equal(("applied", "applied"), (updated.Redis, deletion.Redis));

        await lose();
        if (comesBack) await UntilAsync(async () => (await stack.Client.ReadAsync(bystander.Id, null)).Source == "redis");
        var read = await stack.Client.ReadAsync(changed.Id, updated.Token);
        Assert.Equal((HttpStatusCode.OK, 2L), (read.Status, read.Version));
        Assert.Equal(HttpStatusCode.NotFound, (await stack.Client.ReadAsync(deleted.Id, deletion.Token)).Status);
        var write = await stack.Client.UpdateAsync(changed.Id, "Third.");
        Assert.Equal((HttpStatusCode.OK, 3L), (write.Status, write.Version));
        if (lost is not null) await lost();
        var after = await stack.Client.ReadAsync(changed.Id, write.Token);
        Assert.Equal((HttpStatusCode.OK, 3L), (after.Status, after.Version));
        Assert.Equal(HttpStatusCode.NotFound, (await stack.Client.ReadAsync(deleted.Id, deletion.Token)).Status);

        // Readers with a token go on while it heals.
        using var healed = new CancellationTokenSource();
        var reading = ReadOnAsync(changed.Id, write.Token, 3, healed.Token);
        if (heal is not null) await heal();
        await stack.ThawFollowerAsync();
        await RecoverAsync();
        await healed.CancelAsync();
        Assert.InRange(await reading, 1, int.MaxValue);

        Assert.Equal(3, (await stack.Client.ReadAsync(changed.Id, null)).Version);
        Assert.Equal(HttpStatusCode.NotFound, (await stack.Client.ReadAsync(deleted.Id, null)).Status);
        await stack.Tiers.AssertEqualAsync([changed.Id, deleted.Id, bystander.Id]);
        stack.Table.Record(name, new LossRow(name, read.By, write.Redis, after.By));
    }

    /// <summary>Returns when Redis has everything again, takes writes, and answers reads: by itself.</summary>
    private async Task RecoverAsync()
    {
        await stack.Tiers.WaitUntilInStepAsync();
        LossAnswer created = null!;
        await UntilAsync(async () => (created = await stack.Client.CreateAsync(_user, "Healed.")).Redis == "applied");
        await UntilAsync(async () => (await stack.Client.ReadAsync(created.Id, created.Token)).By == "redis");
        await stack.Tiers.WaitUntilInStepAsync();
    }

    /// <summary>How many reads there were.</summary>
    private async Task<int> ReadOnAsync(string id, string token, long version, CancellationToken until)
    {
        var reads = 0;
        while (!until.IsCancellationRequested)
        {
            var read = await stack.Client.ReadAsync(id, token);
            Assert.Equal((HttpStatusCode.OK, version), (read.Status, read.Version));
            reads++;
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        return reads;
    }

    private async Task FreeAsync()
    {
        await stack.Server.ConfigSetAsync("maxmemory", 0);
        await foreach (var filler in stack.Server.KeysAsync(pattern: "filler:*")) await stack.Connection.GetDatabase().KeyDeleteAsync(filler);
    }

    private async Task<int> CountAsync(string pattern)
    {
        var count = 0;
        await foreach (var _ in stack.Server.KeysAsync(pattern: pattern, pageSize: 1000)) count++;
        return count;
    }

    private async Task<string> InfoAsync(string field) =>
        (await stack.Server.InfoAsync("memory")).SelectMany(section => section).First(pair => pair.Key == field).Value;

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < Patience, $"Not true within {Patience}.");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }
}
