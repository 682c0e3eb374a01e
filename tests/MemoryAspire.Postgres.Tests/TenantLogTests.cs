using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Postgres.Log;
using MemoryAspire.Postgres.Memories;
using MemoryAspire.Postgres.Writes;
using MemoryAspire.TestStores;

namespace MemoryAspire.Postgres.Tests;

public sealed class TenantLogTests(StoresFixture stores)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Only_the_tenants_own_events_are_read_in_order_of_partition_and_position()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        foreach (var at in Enumerable.Range(0, 30))
        {
            await episode.CommitAsync(episode.NewMemory($"mine {at}", $"user {at % 5}"));
            await WriteForAsync("other", episode, $"user {at % 5}");
        }

        var read = await ReadAsync(episode, new MemorySelection(Episode.Tenant, Scope.None, null), await WholeAsync(episode), 100);

        Assert.Equal(30, read.Count);
        Assert.All(read, @event => Assert.Equal(Episode.Tenant, @event.Tenant));
        Assert.Equal(read.OrderBy(@event => @event.Partition).ThenBy(@event => @event.Position), read);
    }

    [Fact]
    public async Task A_limit_keeps_the_first_and_ranges_are_not_overstepped()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        for (var at = 0; at < 10; at++) await episode.CommitAsync(episode.NewMemory($"{at}"));
        var partition = Partition.Of(Episode.Tenant, "ada");
        var mine = new MemorySelection(Episode.Tenant, Scope.None, null);

        Assert.Equal([3, 4], Positions(await ReadAsync(episode, mine, [new LogRange(partition, new(2), new(9))], 2)));
        Assert.Equal([3, 4], Positions(await ReadAsync(episode, mine, [new LogRange(partition, new(2), new(4))], 9)));
        Assert.Empty(await ReadAsync(episode, mine, [], 9));
    }

    [Fact]
    public async Task Each_part_of_a_selection_narrows()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        Scope[] scopes = [new("ada", "chef", "s1"), new("ada", "chef", "s2"), new("ada", "maid", "s1"), new("bob", "chef", "s1"), Scope.None];
        foreach (var scope in scopes) await episode.CommitAsync(episode.NewMemory("x", scope.User ?? "nobody", scope));
        var gone = await episode.CommitAsync(episode.NewMemory("y", "ada", scopes[0]));
        await episode.CommitAsync(new WriteOperation.Delete(gone.MemoryId));
        var whole = await WholeAsync(episode);

        Assert.Equal(7, await CountAsync(Scope.None));
        Assert.Equal(5, await CountAsync(new Scope("ada")));
        Assert.Equal(5, await CountAsync(new Scope(Agent: "chef")));
        Assert.Equal(4, await CountAsync(new Scope("ada", Session: "s1")));
        Assert.Equal(7, await CountAsync(Scope.None, MemoryKind.Semantic));
        Assert.Equal(0, await CountAsync(Scope.None, MemoryKind.Episodic));

        async Task<int> CountAsync(Scope scope, MemoryKind? kind = null) =>
            (await ReadAsync(episode, new MemorySelection(Episode.Tenant, scope, kind), whole, 100)).Count;
    }

    private static async Task<IReadOnlyList<LogRange>> WholeAsync(Episode episode)
    {
        var heads = await episode.Log.ReadHeadsAsync(Cancellation);
        return [.. Partition.All.Select(partition => new LogRange(partition, Position.None, heads[partition]))];
    }

    private static Task<IReadOnlyList<MemoryEvent>> ReadAsync(Episode episode, MemorySelection selection, IReadOnlyList<LogRange> ranges, int limit) =>
        new TenantLog(episode.Source).ReadAsync(selection, ranges, limit, Cancellation);

    private static async Task WriteForAsync(string tenant, Episode episode, string user) => Assert.IsType<WriteOutcome.Committed>(
        await episode.Writer.WriteAsync(new WriteTransaction(Guid.CreateVersion7(), tenant, "tester", Episode.Model, [episode.NewMemory("theirs", user)]), Cancellation));

    private static IEnumerable<long> Positions(IEnumerable<MemoryEvent> events) => events.Select(@event => @event.Position.Value);
}
