using System.Text.Json;
using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Postgres.Conflicts;
using MemoryAspire.Postgres.Memories;
using MemoryAspire.Postgres.Writes;
using MemoryAspire.TestStores;

namespace MemoryAspire.Postgres.Tests;

public sealed class UpdateTests(StoresFixture stores)
{
    private static readonly byte[] OtherVector = [0, 0, 0, 64];

    [Fact]
    public async Task An_update_is_the_next_version_of_row_and_log_and_keeps_what_it_does_not_name()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        var create = episode.NewMemory("Ada prefers tea.");
        await episode.CommitAsync(create);

        var written = await episode.CommitAsync(new WriteOperation.Update(create.Id, new MemoryPatch { Importance = 0.9, Metadata = Merge("""{"topic":"drinks"}""") }));

        var row = await ReadAsync(episode, create.Id);
        Assert.Equal((EventType.Updated, 2L, new Position(2)), (written.Type, written.Version, written.Position));
        Assert.Equal(("Ada prefers tea.", 0.9, """{"topic":"drinks"}"""), (row.Record.Memory.Content, row.Record.Memory.Importance, row.Record.Memory.Metadata.GetRawText()));
        Assert.Equal(MemoryJson.Encode(written.State!.Memory), MemoryJson.Encode(row.Record.Memory));
        Assert.Equal(1, row.Record.VectorVersion);
        Assert.Equal(create.Vector.ToArray(), row.Record.Vector.ToArray());
        Assert.Equal(MemoryDigest.Of(Episode.Tenant, row.Record.Memory, row.Record.Vector.Span), row.Record.Digest);
    }

    [Fact]
    public async Task A_new_content_brings_its_vector_and_the_log_keeps_the_old_one()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        var create = episode.NewMemory("Ada prefers tea.");
        await episode.CommitAsync(create);

        await episode.CommitAsync(new WriteOperation.Update(create.Id, new MemoryPatch { Content = "Ada prefers coffee." }, Vector: OtherVector));

        Assert.Equal(OtherVector, (await ReadAsync(episode, create.Id)).Record.Vector.ToArray());
        var events = await episode.Log.ReadAsync([KeyValuePair.Create(create.Id.Partition, Position.None)], Episode.Model, 10, TestContext.Current.CancellationToken);
        Assert.Equal([create.Vector.ToArray(), OtherVector], events.Select(@event => @event.State!.Vector.ToArray()));
        Assert.Equal(["Ada prefers tea.", "Ada prefers coffee."], events.Select(@event => @event.State!.Memory.Content));
    }

    [Fact]
    public async Task Concurrent_updates_with_the_same_version_succeed_once()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        var create = episode.NewMemory("0");
        await episode.CommitAsync(create);

        var outcomes = await Task.WhenAll(Enumerable.Range(1, 16).Select(at =>
            episode.WriteAsync(new WriteOperation.Update(create.Id, new MemoryPatch { Content = $"{at}" }, IfMatch: 1, Vector: OtherVector))));

        Assert.Single(outcomes.OfType<WriteOutcome.Committed>());
        Assert.All(outcomes.OfType<WriteOutcome.VersionConflict>(), conflict => Assert.Equal(2, conflict.Current.Version));
        Assert.Equal(15, outcomes.OfType<WriteOutcome.VersionConflict>().Count());
    }

    [Fact]
    public async Task The_last_write_wins_where_the_caller_says_so()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        var create = episode.NewMemory("0");
        await episode.CommitAsync(create);
        await episode.CommitAsync(new WriteOperation.Update(create.Id, new MemoryPatch { Importance = 0.1 }));

        await episode.CommitAsync(new WriteOperation.Update(create.Id, new MemoryPatch { Importance = 0.2 }, IfMatch: 1, OnConflict: OnConflict.LastWriteWins));

        var memory = (await ReadAsync(episode, create.Id)).Record.Memory;
        Assert.Equal((3L, 0.2), (memory.Version, memory.Importance));
    }

    [Fact]
    public async Task A_merge_keeps_both_sides_and_refuses_what_both_changed()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        var create = episode.NewMemory("base");
        await episode.CommitAsync(create);
        await episode.CommitAsync(new WriteOperation.Update(create.Id, new MemoryPatch { Content = "theirs", Metadata = Merge("""{"a":1}""") }, Vector: OtherVector));

        await episode.CommitAsync(new WriteOperation.Update(create.Id, new MemoryPatch { Metadata = Merge("""{"b":2}""") }, IfMatch: 1, OnConflict: OnConflict.Merge));
        var refused = await episode.WriteAsync(
            new WriteOperation.Update(create.Id, new MemoryPatch { Content = "ours", Metadata = Merge("""{"a":3}""") }, 1, OnConflict.Merge, OtherVector));

        var row = await ReadAsync(episode, create.Id);
        Assert.Equal(("theirs", """{"a":1,"b":2}"""), (row.Record.Memory.Content, row.Record.Memory.Metadata.GetRawText()));
        Assert.Equal(OtherVector, row.Record.Vector.ToArray());
        Assert.Equal(["content", "metadata.a"], Assert.IsType<WriteOutcome.MergeConflict>(refused).Fields.Order());
    }

    [Fact]
    public async Task A_merge_with_a_version_that_never_was_is_a_conflict()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        var create = episode.NewMemory("base");
        await episode.CommitAsync(create);

        var refused = await episode.WriteAsync(new WriteOperation.Update(create.Id, new MemoryPatch { Importance = 1 }, IfMatch: 9, OnConflict: OnConflict.Merge));

        Assert.IsType<WriteOutcome.VersionConflict>(refused);
    }

    [Fact]
    public async Task Metadata_that_grew_too_big_by_merging_is_refused_and_names_the_field()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        var create = episode.NewMemory("base");
        await episode.CommitAsync(create);
        await episode.CommitAsync(new WriteOperation.Update(create.Id, new MemoryPatch { Metadata = Merge($$"""{"a":"{{new string('x', 9000)}}"}""") }));

        var refused = await episode.WriteAsync(new WriteOperation.Update(create.Id, new MemoryPatch { Metadata = Merge($$"""{"b":"{{new string('x', 9000)}}"}""") }));

        Assert.Equal("metadata", Assert.IsType<WriteOutcome.Invalid>(refused).Field);
    }

    [Fact]
    public async Task A_group_stores_what_it_can_and_a_failure_takes_no_position()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        var known = episode.NewMemory("known");
        await episode.CommitAsync(known);

        var outcomes = await episode.WriteGroupAsync(
            Episode.Transaction(episode.NewMemory("one")),
            Episode.Transaction(episode.NewMemory("never"), new WriteOperation.Delete(known.Id, IfMatch: 7)),
            Episode.Transaction(new WriteOperation.Update(known.Id, new MemoryPatch { Importance = 1 })),
            Episode.Transaction(new WriteOperation.Update(known.Id, new MemoryPatch { Kind = MemoryKind.Procedural }, IfMatch: 2)),
            Episode.Transaction(new WriteOperation.Update(known.Id, new MemoryPatch { Importance = 0 }, IfMatch: 2)));

        Assert.Equal(
            [typeof(WriteOutcome.Committed), typeof(WriteOutcome.VersionConflict), typeof(WriteOutcome.Committed), typeof(WriteOutcome.Committed), typeof(WriteOutcome.VersionConflict)],
            outcomes.Select(outcome => outcome.GetType()));
        var memory = (await ReadAsync(episode, known.Id)).Record.Memory;
        Assert.Equal((3L, 1.0, MemoryKind.Procedural), (memory.Version, memory.Importance, memory.Kind));
        Assert.Equal([2L, 3L, 4L], outcomes.OfType<WriteOutcome.Committed>().SelectMany(committed => committed.Events).Select(@event => @event.Position.Value));
    }

    [Fact]
    public async Task A_transaction_over_several_partitions_carries_its_span_on_every_event_and_row()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        WriteOperation.Create[] creates = [episode.NewMemory("a", "ada"), episode.NewMemory("b", "bob"), episode.NewMemory("c", "ada")];

        var committed = Assert.IsType<WriteOutcome.Committed>(await episode.WriteAsync(creates));

        KeyValuePair<Partition, Position>[] span =
            [.. new[] { (creates[0].Id.Partition, 2L), (creates[1].Id.Partition, 1L) }.OrderBy(pair => pair.Partition).Select(pair => KeyValuePair.Create(pair.Partition, new Position(pair.Item2)))];
        Assert.All(committed.Events, @event => Assert.Equal(span, @event.Span));
        foreach (var create in creates) Assert.Equal(span, (await ReadAsync(episode, create.Id)).Span);
        var logged = await episode.Log.ReadAsync(creates.Select(create => create.Id.Partition).Distinct().Select(partition => KeyValuePair.Create(partition, Position.None)).ToList(), null, 10, TestContext.Current.CancellationToken);
        Assert.All(logged, @event => Assert.Equal(span, @event.Span));
        Assert.Empty((await episode.CommitAsync(episode.NewMemory("alone"))).Span);
    }

    [Fact]
    public async Task A_transaction_may_change_a_memory_twice_and_delete_it()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        var create = episode.NewMemory("base");
        await episode.CommitAsync(create);

        var committed = Assert.IsType<WriteOutcome.Committed>(await episode.WriteAsync(
            new WriteOperation.Update(create.Id, new MemoryPatch { Importance = 0.1 }),
            new WriteOperation.Update(create.Id, new MemoryPatch { Importance = 0.2 }, IfMatch: 2),
            new WriteOperation.Delete(create.Id, IfMatch: 3)));

        Assert.Equal([2L, 3L, 4L], committed.Events.Select(@event => @event.Version));
        Assert.Equal(0, await episode.ScalarAsync<long>("select count(*) from memories"));
        Assert.Equal(4, await episode.ScalarAsync<long>("select count(*) from memory_events"));
    }

    private static MetadataChange.Merge Merge(string patch) => new MetadataChange.Merge(JsonElement.Parse(patch));

    private static async Task<StoredMemory> ReadAsync(Episode episode, MemoryId id) =>
        (await episode.Reader.GetAsync(Episode.Tenant, id, Episode.Model, TestContext.Current.CancellationToken)).Memory!;
}
