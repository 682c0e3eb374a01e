using MemoryAspire.Postgres.Leadership;
using MemoryAspire.ServiceDefaults.Resilience;
using MemoryAspire.TestStores;
using Npgsql;

namespace MemoryAspire.Postgres.Tests;

public sealed class LeadershipTests(StoresFixture stores)
{
    private static readonly TimeSpan TakeoverMax = TimeSpan.FromSeconds(10);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_several_candidates_one_leads_and_the_next_one_follows_its_resignation()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        var standing = new TaskCompletionSource();
        var first = await Election(episode).WinAsync("work", "one", () => Assert.Fail("Nobody else leads."), Cancellation);
        var second = Election(episode).WinAsync("work", "two", () => standing.TrySetResult(), Cancellation);
        await using var elsewhere = await Election(episode).WinAsync("other work", "two", () => Assert.Fail("Nobody leads here."), Cancellation);

        await standing.Task.WaitAsync(TakeoverMax, Cancellation);
        Assert.False(second.IsCompleted);
        Assert.False(first.Lost.IsCancellationRequested);
        await first.DisposeAsync();

        await using var term = await second.WaitAsync(TakeoverMax, Cancellation);
        Assert.True(first.Lost.IsCancellationRequested);
        await Assert.ThrowsAsync<LeadershipLostException>(() => WriteAsync(episode, first));
        Assert.Equal((1, 2, 1), (first.Epoch, term.Epoch, elsewhere.Epoch));
        Assert.Equal("two", await episode.ScalarAsync<string>("select holder from leaders where name = 'work'"));
    }

    [Fact]
    public async Task A_leader_whose_backend_is_terminated_is_told_and_replaced_and_its_epoch_refused()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        await using var first = await Election(episode).WinAsync("work", "one", () => { }, Cancellation);
        await WriteAsync(episode, first);
        var begun = TimeProvider.System.GetTimestamp();
        var second = Election(episode).WinAsync("work", "two", () => { }, Cancellation);

        await TerminateLeaderAsync(episode);

        await using var term = await second.WaitAsync(TakeoverMax, Cancellation);
        Assert.True(TimeProvider.System.GetElapsedTime(begun) < TakeoverMax);
        Assert.IsType<PostgresException>(await first.Ended.WaitAsync(TakeoverMax, Cancellation));
        Assert.True(first.Lost.IsCancellationRequested);
        Assert.Equal(first.Epoch + 1, term.Epoch);
        await Assert.ThrowsAsync<LeadershipLostException>(() => WriteAsync(episode, first));
        await WriteAsync(episode, term);
    }

    [Fact]
    public async Task A_leader_that_is_cut_off_knows_it_before_another_leads_within_ten_seconds()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        await using var wire = new Wire((await stores.PostgresAsync()).Port);
        await using var far = await FarAsync(episode, wire);
        await using var first = await new LeaderElection(far, TimeProvider.System).WinAsync("work", "far", () => { }, Cancellation);
        var second = Election(episode).WinAsync("work", "near", () => { }, Cancellation);

        var begun = TimeProvider.System.GetTimestamp();
        wire.Cut();

        await first.Ended.WaitAsync(TakeoverMax, Cancellation);
        Assert.False(second.IsCompleted);
        await using var term = await second.WaitAsync(TakeoverMax, Cancellation);
        Assert.True(TimeProvider.System.GetElapsedTime(begun) < TakeoverMax);
        Assert.Equal(2, term.Epoch);
    }

    [Fact]
    public async Task A_leader_that_dies_in_the_midst_of_a_long_statement_is_replaced()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        await using var wire = new Wire((await stores.PostgresAsync()).Port);
        await using var far = await FarAsync(episode, wire);
        await using var first = await new LeaderElection(far, TimeProvider.System).WinAsync("work", "far", () => { }, Cancellation);
        var second = Election(episode).WinAsync("work", "near", () => { }, Cancellation);
        await using var connection = await far.OpenConnectionAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await first.EnsureAsync(transaction, Cancellation);
        await using var longOne = new NpgsqlCommand("select pg_sleep(60)", connection, transaction);
        var writing = longOne.ExecuteNonQueryAsync(Cancellation);
        await WaitForAsync(episode, "select count(*) = 1 from pg_stat_activity where state = 'active' and query = 'select pg_sleep(60)'");

        // What the kernel does with the connections of a process that is killed.
        await wire.DisposeAsync();

        await using var term = await second.WaitAsync(TakeoverMax, Cancellation);
        Assert.Equal(2, term.Epoch);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => writing);
    }

    [Fact]
    public async Task A_leader_is_lost_with_the_server_and_elected_anew_after_it()
    {
        await using var server = await PostgresServer.StartAsync();
        await using var episode = await Episode.BeginAsync(await server.CreateDatabaseAsync());
        await using var first = await Election(episode).WinAsync("work", "one", () => { }, Cancellation);

        await server.KillAsync();
        Assert.NotNull(await first.Ended.WaitAsync(TakeoverMax, Cancellation));
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => Election(episode).WinAsync("work", "two", () => { }, Cancellation));
        await server.RestartAsync();

        await using var term = await Election(episode).WinAsync("work", "two", () => { }, Cancellation);
        Assert.Equal(2, term.Epoch);
    }

    [Fact]
    public async Task A_leader_that_finds_another_epoch_stops()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        await using var term = await Election(episode).WinAsync("work", "one", () => { }, Cancellation);

        await using var command = episode.Source.CreateCommand("update leaders set epoch = epoch + 1");
        await command.ExecuteNonQueryAsync(Cancellation);

        await Assert.ThrowsAsync<LeadershipLostException>(() => WriteAsync(episode, term));
        Assert.Null(await term.Ended.WaitAsync(TakeoverMax, Cancellation));
        Assert.True(term.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task The_next_leader_begins_after_what_the_former_is_committing()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        await using var first = await Election(episode).WinAsync("work", "one", () => { }, Cancellation);
        await using var connection = await episode.Source.OpenConnectionAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await first.EnsureAsync(transaction, Cancellation);

        await TerminateLeaderAsync(episode);
        var second = Election(episode).WinAsync("work", "two", () => { }, Cancellation);
        await WaitForAsync(episode, "select count(*) = 1 from pg_stat_activity where wait_event_type = 'Lock' and query like 'insert into leaders%'");
        Assert.False(second.IsCompleted);
        await transaction.CommitAsync(Cancellation);

        await using var term = await second.WaitAsync(TakeoverMax, Cancellation);
        Assert.Equal(2, term.Epoch);
    }

    [Fact]
    public async Task A_former_leader_that_froze_in_a_transaction_keeps_nobody_out()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        await using var first = await Election(episode).WinAsync("work", "one", () => { }, Cancellation);
        await using var connection = await episode.Source.OpenConnectionAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await first.EnsureAsync(transaction, Cancellation);

        await TerminateLeaderAsync(episode);
        await using var term = await Election(episode).WinAsync("work", "two", () => { }, Cancellation).WaitAsync(TakeoverMax, Cancellation);

        Assert.Equal(2, term.Epoch);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => transaction.CommitAsync(Cancellation));
    }

    [Fact]
    public async Task A_connection_that_broke_on_standby_counts_as_a_store_that_is_away()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        var session = await LeaderSession.OpenAsync(episode.Source, "work", Cancellation);
        await session.DisposeAsync();

        var exception = await Assert.ThrowsAsync<NpgsqlException>(() => session.TryLockAsync(Cancellation));

        Assert.True(StoreFailures.IsPostgresAway(exception));
    }

    private static LeaderElection Election(Episode episode) => new(episode.Source, TimeProvider.System);

    /// <summary>The episode's database at the other end of a wire.</summary>
    private async Task<NpgsqlDataSource> FarAsync(Episode episode, Wire wire)
    {
        var database = await episode.ScalarAsync<string>("select current_database()");
        return NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder((await stores.PostgresAsync()).ConnectionString) { Port = wire.Port, Database = database });
    }

    /// <summary>A transaction that a leader alone may make.</summary>
    private static async Task WriteAsync(Episode episode, LeaderTerm term)
    {
        await using var connection = await episode.Source.OpenConnectionAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await term.EnsureAsync(transaction, Cancellation);
        await transaction.CommitAsync(Cancellation);
    }

    private static async Task TerminateLeaderAsync(Episode episode) => Assert.True(await episode.ScalarAsync<bool>(
        "select bool_and(pg_terminate_backend(pid)) from pg_locks where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())"));

    private static async Task WaitForAsync(Episode episode, string condition)
    {
        while (!await episode.ScalarAsync<bool>(condition)) await Task.Delay(20, Cancellation);
    }
}
