using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Postgres.Conflicts;
using MemoryAspire.Postgres.Writes;
using MemoryAspire.TestStores;
using Npgsql;

namespace MemoryAspire.Postgres.Tests;

public sealed class MemoryWriterTests(StoresFixture stores)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_created_memory_is_a_row_a_vector_and_an_event_that_agree()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        var create = episode.NewMemory("Ada prefers tea.", expiresAt: Episode.Start.AddYears(50));

        var written = await episode.CommitAsync(create);

        var snapshot = await episode.Reader.GetAsync(Episode.Tenant, create.Id, Episode.Model, Cancellation);
        var row = snapshot.Memory!;
        Assert.Equal(new Position(1), snapshot.Head);
        Assert.Equal(new Position(1), row.Position);
        Assert.Equal(create.Vector.ToArray(), row.Record.Vector.ToArray());
        Assert.Equal(MemoryDigest.Of(Episode.Tenant, row.Record.Memory, row.Record.Vector.Span), row.Record.Digest);
        var logged = Assert.Single(await episode.Log.ReadAsync([KeyValuePair.Create(create.Id.Partition, Position.None)], Episode.Model, 10, Cancellation));
        Assert.Equal(EventType.Created, logged.Type);
        Assert.Equal(row.Record.Digest, logged.State!.Digest);
        Assert.Equal(MemoryJson.Encode(row.Record.Memory), MemoryJson.Encode(logged.State.Memory));
        Assert.Equal(MemoryJson.Encode(written.State!.Memory), MemoryJson.Encode(logged.State.Memory));
        Assert.Equal(create.Vector.ToArray(), logged.State.Vector.ToArray());
        Assert.Equal(row.Record.Memory.UpdatedAt, logged.At);
        Assert.Equal("tester", logged.Actor);
    }

    [Fact]
    public async Task Positions_of_concurrent_writers_are_gapless_and_in_commit_order()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        var creates = Enumerable.Range(0, 200).Select(at => episode.NewMemory($"memory {at}", user: at % 3 == 0 ? "ada" : "bob")).ToArray();

        await Task.WhenAll(creates.Select(create => episode.CommitAsync(create)));

        foreach (var partition in creates.Select(create => create.Id.Partition).Distinct())
        {
            var events = await episode.Log.ReadAsync([KeyValuePair.Create(partition, Position.None)], null, 1000, Cancellation);
            Assert.Equal(Enumerable.Range(1, events.Count).Select(at => (long)at), events.Select(@event => @event.Position.Value));
            Assert.Equal(events.Select(@event => @event.At).Order(), events.Select(@event => @event.At));
            Assert.Equal(creates.Count(create => create.Id.Partition == partition), events.Count);
        }
    }

    [Fact]
    public async Task Transactions_that_cross_the_same_partitions_never_deadlock()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        string[] users = ["ada", "bob", "cyd", "dan", "eve"];
        var random = new Random(7);

        var transactions = Enumerable.Range(0, 100)
            .Select(at => users.Select(user => (WriteOperation)episode.NewMemory($"{user} {at}", user)).OrderBy(_ => random.Next()).ToArray())
            .ToList();
        var outcomes = await Task.WhenAll(transactions.Select(operations => episode.WriteAsync(operations)));

        Assert.All(outcomes, outcome => Assert.IsType<WriteOutcome.Committed>(outcome));
        Assert.Equal(500, await episode.ScalarAsync<long>("select count(*) from memories"));
        Assert.Equal(500m, await episode.ScalarAsync<decimal>("select sum(head) from partition_heads"));
    }

    [Fact]
    public async Task A_deleted_memory_is_gone_and_its_event_takes_the_next_version()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        var create = episode.NewMemory("Forget me.");
        await episode.CommitAsync(create);

        var deleted = await episode.CommitAsync(new WriteOperation.Delete(create.Id));

        Assert.Equal((EventType.Deleted, 2L, new Position(2)), (deleted.Type, deleted.Version, deleted.Position));
        var snapshot = await episode.Reader.GetAsync(Episode.Tenant, create.Id, null, Cancellation);
        Assert.Null(snapshot.Memory);
        Assert.Equal(new Position(2), snapshot.Head);
        Assert.IsType<WriteOutcome.NotFound>(await episode.WriteAsync(new WriteOperation.Delete(create.Id)));
        Assert.Equal(2, await episode.ScalarAsync<long>("select count(*) from memory_events"));
    }

    [Fact]
    public async Task One_of_many_concurrent_deletes_wins()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        var create = episode.NewMemory("Forget me once.");
        await episode.CommitAsync(create);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => episode.WriteAsync(new WriteOperation.Delete(create.Id))));

        Assert.Single(outcomes.OfType<WriteOutcome.Committed>());
        Assert.Equal(15, outcomes.OfType<WriteOutcome.NotFound>().Count());
    }

    [Fact]
    public async Task A_version_that_does_not_match_stores_nothing()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        var create = episode.NewMemory("Version one.");
        await episode.CommitAsync(create);

        var outcome = await episode.WriteAsync(episode.NewMemory("Never."), new WriteOperation.Delete(create.Id, IfMatch: 7));

        var conflict = Assert.IsType<WriteOutcome.VersionConflict>(outcome);
        Assert.Equal((1, 1L), (conflict.Operation, conflict.Current.Version));
        Assert.Equal(1, await episode.ScalarAsync<long>("select count(*) from memories"));
        Assert.Equal(1, await episode.ScalarAsync<long>("select head from partition_heads where head > 0"));
    }

    [Fact]
    public async Task Another_tenants_memory_can_be_neither_read_nor_deleted()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        var create = episode.NewMemory("Mine.");
        await episode.CommitAsync(create);

        var outcomes = await episode.WriteGroupAsync(
            Episode.Transaction(new WriteOperation.Delete(create.Id)) with { Tenant = "other" },
            Episode.Transaction(new WriteOperation.Update(create.Id, new MemoryPatch { Content = "Stolen." })) with { Tenant = "other" });

        Assert.All(outcomes, outcome => Assert.IsType<WriteOutcome.NotFound>(outcome));
        Assert.Null((await episode.Reader.GetAsync("other", create.Id, null, Cancellation)).Memory);
        Assert.Empty((await episode.Reader.GetManyAsync("other", [create.Id], null, Cancellation)).Memories);
        Assert.NotNull((await episode.Reader.GetAsync(Episode.Tenant, create.Id, null, Cancellation)).Memory);
    }

    [Fact]
    public async Task An_expired_memory_is_absent_before_anybody_removed_it()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        var create = episode.NewMemory("Gone by now.", expiresAt: Episode.Start.AddYears(-1));
        await episode.CommitAsync(create);

        Assert.Null((await episode.Reader.GetAsync(Episode.Tenant, create.Id, null, Cancellation)).Memory);
        Assert.IsType<WriteOutcome.NotFound>(await episode.WriteAsync(new WriteOperation.Delete(create.Id)));
        Assert.Equal(1, await episode.ScalarAsync<long>("select count(*) from memories"));
    }

    [Fact]
    public async Task The_outcome_of_a_commit_without_an_answer_is_looked_up()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        var status = new TransactionStatus(episode.Source, TimeProvider.System);
        var cause = new NpgsqlException("The connection broke.");
        var committed = await RunAsync(episode, commit: true);
        var aborted = await RunAsync(episode, commit: false);

        Assert.True(await status.IsCommittedAsync(committed, cause));
        Assert.False(await status.IsCommittedAsync(aborted, cause));
    }

    [Fact]
    public async Task Acknowledged_writes_survive_the_death_of_postgres()
    {
        await using var server = await PostgresServer.StartAsync();
        await using var episode = await Episode.BeginAsync(await server.CreateDatabaseAsync());
        var acknowledged = new List<MemoryId>();
        var writing = Task.Run(
            async () =>
            {
                while (true)
                {
                    var create = episode.NewMemory($"memory {acknowledged.Count}");
                    try
                    {
                        await episode.CommitAsync(create);
                    }
                    catch (Exception exception) when (exception is NpgsqlException or UnknownOutcomeException)
                    {
                        return;
                    }

                    lock (acknowledged) acknowledged.Add(create.Id);
                }
            },
            Cancellation);
        while (Count() < 50) await Task.Delay(5, Cancellation);

        await server.KillAsync();
        await writing;
        await server.RestartAsync();

        var (memories, _) = await episode.Reader.GetManyAsync(Episode.Tenant, acknowledged, null, Cancellation);
        Assert.Equal(acknowledged.Count, memories.Count);
        Assert.Equal(
            await episode.ScalarAsync<long>("select count(*) from memory_events"),
            await episode.ScalarAsync<long>("select head from partition_heads where head > 0"));

        int Count()
        {
            lock (acknowledged) return acknowledged.Count;
        }
    }

    private static async Task<string> RunAsync(Episode episode, bool commit)
    {
        await using var connection = await episode.Source.OpenConnectionAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await using var command = new NpgsqlCommand("select pg_current_xact_id()::text", connection, transaction);
        var xid = (string)(await command.ExecuteScalarAsync(Cancellation))!;
        if (commit) await transaction.CommitAsync(Cancellation);
        else await transaction.RollbackAsync(Cancellation);
        return xid;
    }
}
