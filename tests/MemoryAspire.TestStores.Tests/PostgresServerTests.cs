using Npgsql;

namespace MemoryAspire.TestStores.Tests;

public sealed class PostgresServerTests
{
    [Fact]
    public async Task What_was_committed_is_there_after_a_kill_and_a_restart()
    {
        await using var server = await PostgresServer.StartAsync();
        var database = await server.CreateDatabaseAsync();
        await ExecuteAsync(database, "CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (42)");
        var port = server.Port;

        await server.KillAsync();
        await server.RestartAsync();

        Assert.Equal(port, server.Port);
        Assert.Equal(42, await ScalarAsync(database, "SELECT n FROM kept"));
    }

    [Fact]
    public async Task A_kill_leaves_no_child_behind()
    {
        await using var server = await PostgresServer.StartAsync();
        var postmaster = server.ProcessId;
        var children = ProcessTable.ChildrenOf(postmaster);
        Assert.NotEmpty(children);

        await server.KillAsync();

        // A process closes its files, which is what the wait is for, shortly before the system counts it as ended.
        foreach (var id in new[] { postmaster }.Concat(children)) Assert.True(await ProcessTable.EndsAsync(id, TimeSpan.FromSeconds(5)));
        Assert.Equal(0, server.ProcessId);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => ScalarAsync(server.ConnectionString, "SELECT 1"));
    }

    [Fact]
    public async Task Two_servers_and_their_databases_know_nothing_of_each_other()
    {
        await using var one = await PostgresServer.StartAsync();
        await using var other = await PostgresServer.StartAsync();
        string[] databases = [await one.CreateDatabaseAsync(), await one.CreateDatabaseAsync(), await other.CreateDatabaseAsync()];

        for (var i = 0; i < databases.Length; i++)
        {
            await ExecuteAsync(databases[i], "CREATE TABLE mine (n int)", $"INSERT INTO mine VALUES ({i})");
        }

        for (var i = 0; i < databases.Length; i++)
        {
            Assert.Equal(i, await ScalarAsync(databases[i], "SELECT n FROM mine"));
        }
    }

    [Fact]
    public async Task A_wrong_password_is_refused()
    {
        await using var server = await PostgresServer.StartAsync();
        var wrong = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Password = "wrong", Pooling = false };

        var refused = await Assert.ThrowsAsync<PostgresException>(() => ScalarAsync(wrong.ConnectionString, "SELECT 1"));

        Assert.Equal(PostgresErrorCodes.InvalidPassword, refused.SqlState);
    }

    [Fact]
    public async Task Settings_reach_the_server()
    {
        await using var server = await PostgresServer.StartAsync(new() { Fsync = false, Settings = ["deadlock_timeout=123ms"] });

        Assert.Equal("off", await ScalarAsync(server.ConnectionString, "SHOW fsync"));
        Assert.Equal("123ms", await ScalarAsync(server.ConnectionString, "SHOW deadlock_timeout"));
    }

    [Fact]
    public async Task A_setting_that_PostgreSQL_refuses_is_reported_in_its_words()
    {
        var failed = await Assert.ThrowsAsync<StoreStartException>(() => PostgresServer.StartAsync(new() { Settings = ["no_such_setting=1"] }));

        Assert.Contains("no_such_setting", failed.Message, StringComparison.Ordinal);
        Assert.Contains("unrecognized configuration parameter", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Disposing_removes_the_data()
    {
        var server = await PostgresServer.StartAsync();
        Assert.True(Directory.Exists(server.DataFolder));

        await server.DisposeAsync();

        Assert.False(Directory.Exists(server.DataFolder));
    }

    private static async Task ExecuteAsync(string connectionString, params string[] statements)
    {
        foreach (var statement in statements) await ScalarAsync(connectionString, statement);
    }

    private static async Task<object?> ScalarAsync(string connectionString, string statement)
    {
        var unpooled = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false };
        await using var connection = new NpgsqlConnection(unpooled.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(statement, connection);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }
}
