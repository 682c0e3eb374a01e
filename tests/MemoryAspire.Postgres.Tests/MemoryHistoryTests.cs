using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Postgres.Log;
using MemoryAspire.Postgres.Writes;
using MemoryAspire.TestStores;

namespace MemoryAspire.Postgres.Tests;

public sealed class MemoryHistoryTests(StoresFixture stores)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_history_has_every_state_oldest_first_also_of_what_is_gone()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        var created = await episode.CommitAsync(episode.NewMemory("first"));
        await episode.CommitAsync(episode.NewMemory("another memory of the partition"));
        await UpdateAsync(episode, created.MemoryId, "second");
        await episode.CommitAsync(new WriteOperation.Delete(created.MemoryId));

        var history = await new MemoryHistory(episode.Source).ReadAsync(Episode.Tenant, created.MemoryId, 0, 10, Cancellation);

        Assert.Equal([EventType.Created, EventType.Updated, EventType.Deleted], history.Events.Select(@event => @event.Type));
        Assert.Equal(["first", "second", null], history.Events.Select(@event => @event.State?.Memory.Content));
        Assert.Equal([1, 3, 4], history.Events.Select(@event => @event.Position.Value));
        Assert.Equal([1, 2, 3], history.Events.Select(@event => @event.Version));
        Assert.Equal(new Position(4), history.Head);
    }

    [Fact]
    public async Task Pages_follow_each_other_by_version()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        var id = (await episode.CommitAsync(episode.NewMemory("1"))).MemoryId;
        for (var at = 2; at <= 7; at++) await UpdateAsync(episode, id, $"{at}");
        var history = new MemoryHistory(episode.Source);

        var read = new List<string>();
        for (var after = 0L; ;)
        {
            var page = await history.ReadAsync(Episode.Tenant, id, after, 3, Cancellation);
            if (page.Events.Count == 0) break;
            Assert.True(page.Events.Count <= 3);
            read.AddRange(page.Events.Select(@event => @event.State!.Memory.Content));
            after = page.Events[^1].Version;
        }

        Assert.Equal(["1", "2", "3", "4", "5", "6", "7"], read);
    }

    [Fact]
    public async Task A_version_comes_with_the_vector_it_had()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        byte[] vector = [0, 0, 0, 64];
        var id = (await episode.CommitAsync(episode.NewMemory("first", vector: vector))).MemoryId;
        await UpdateAsync(episode, id, "second");
        await episode.CommitAsync(new WriteOperation.Delete(id));
        var history = new MemoryHistory(episode.Source);

        foreach (var (version, content) in new[] { (1, "first"), (2, "second") })
        {
            var state = Assert.Single((await history.ReadVersionAsync(Episode.Tenant, id, version, Episode.Model, Cancellation)).Events).State!;
            Assert.Equal((content, version), (state.Memory.Content, state.Memory.Version));
            Assert.Equal(vector, state.Vector.ToArray());
        }

        Assert.Empty(Assert.Single((await history.ReadVersionAsync(Episode.Tenant, id, 1, null, Cancellation)).Events).State!.Vector.ToArray());
        Assert.Null(Assert.Single((await history.ReadVersionAsync(Episode.Tenant, id, 3, Episode.Model, Cancellation)).Events).State);
        Assert.Empty((await history.ReadVersionAsync(Episode.Tenant, id, 4, Episode.Model, Cancellation)).Events);
    }

    [Fact]
    public async Task The_state_as_of_a_time_is_that_of_the_last_event_until_then()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        var created = await episode.CommitAsync(episode.NewMemory("first"));
        await UpdateAsync(episode, created.MemoryId, "second");
        await episode.CommitAsync(new WriteOperation.Delete(created.MemoryId));
        var history = new MemoryHistory(episode.Source);
        var times = (await history.ReadAsync(Episode.Tenant, created.MemoryId, 0, 10, Cancellation)).Events.Select(@event => @event.At).ToList();

        Assert.Null(await AsOfAsync(times[0].AddMicroseconds(-1)));
        Assert.Equal("first", await AsOfAsync(times[0]));
        Assert.Equal("first", await AsOfAsync(times[1].AddMicroseconds(-1)));
        Assert.Equal("first", await AsOfAsync(times[1].AddTicks(-1)));
        Assert.Equal("second", await AsOfAsync(times[1]));
        Assert.Equal("second", await AsOfAsync(times[1].ToOffset(TimeSpan.FromHours(5))));
        Assert.Null(await AsOfAsync(times[2]));
        Assert.Null(await AsOfAsync(DateTimeOffset.MaxValue));
        Assert.Null(await AsOfAsync(DateTimeOffset.MinValue));

        async Task<string?> AsOfAsync(DateTimeOffset time) =>
            (await history.ReadAsOfAsync(Episode.Tenant, created.MemoryId, time, null, Cancellation)).Events.SingleOrDefault()?.State?.Memory.Content;
    }

    [Fact]
    public async Task Another_tenant_has_no_part_in_a_history()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        var created = await episode.CommitAsync(episode.NewMemory("secret"));
        var history = new MemoryHistory(episode.Source);

        Assert.Empty((await history.ReadAsync("other", created.MemoryId, 0, 10, Cancellation)).Events);
        Assert.Empty((await history.ReadVersionAsync("other", created.MemoryId, 1, null, Cancellation)).Events);
        Assert.Empty((await history.ReadAsOfAsync("other", created.MemoryId, DateTimeOffset.MaxValue, null, Cancellation)).Events);
        Assert.Equal(new MemoryPresence(false, null, created.Position), await history.ReadPresenceAsync("other", created.MemoryId, Cancellation));
    }

    [Fact]
    public async Task Presence_tells_what_was_from_what_never_was()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        var id = (await episode.CommitAsync(episode.NewMemory("x"))).MemoryId;
        var history = new MemoryHistory(episode.Source);

        Assert.Equal(new MemoryPresence(true, 1, new Position(1)), await history.ReadPresenceAsync(Episode.Tenant, id, Cancellation));
        await episode.CommitAsync(new WriteOperation.Delete(id));
        Assert.Equal(new MemoryPresence(true, null, new Position(2)), await history.ReadPresenceAsync(Episode.Tenant, id, Cancellation));
        Assert.False((await history.ReadPresenceAsync(Episode.Tenant, episode.NewMemory("never written").Id, Cancellation)).Known);
    }

    /// <summary>An update as its event and its row show it.</summary>
    private static async Task UpdateAsync(Episode episode, MemoryId id, string content)
    {
        await using var command = episode.Source.CreateCommand(
            """
            with h as (
                update partition_heads set head = head + 1, at = greatest(at, clock_timestamp()) where partition = $1 returning head, at),
            m as (
                update memories m set content = $3, version = version + 1, position = h.head, updated_at = h.at
                from h where m.partition = $1 and m.id = $2
                returning m.*, h.at)
            insert into memory_events (
                partition, position, type, tenant, memory_id, version, vector_version, "user", agent, session, kind, content, metadata,
                importance, digest, created_at, updated_at, expires_at, transaction_id, actor, at)
            select partition, position, 'updated', tenant, id, version, vector_version, "user", agent, session, kind, content, metadata,
                importance, digest, created_at, updated_at, expires_at, gen_random_uuid(), 'tester', at
            from m
            """);
        command.Parameters.Add(new() { Value = (short)id.Partition.Value });
        command.Parameters.Add(new() { Value = id.Value });
        command.Parameters.Add(new() { Value = content });
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}
