using System.Text.RegularExpressions;
using MemoryAspire.AppHost.NativePostgres;
using MemoryAspire.AppHost.Stacks;
using MemoryAspire.AppHost.Supervision;
using Npgsql;

namespace MemoryAspire.AppHost.Tests;

public sealed partial class NativePostgresTests : StackTest
{
    [Fact]
    public async Task What_was_committed_survives_a_kill_and_a_restart_of_the_stack()
    {
        string connectionString;
        await using (var application = NewApplication())
        {
            await application.StartAsync(Patience);
            await application.ResourceNotifications.WaitForResourceHealthyAsync("memorydb", Patience);
            var first = await RunningAsync(application, "postgres");
            connectionString = await ConnectionStringAsync(application, "memorydb");
            await ExecuteAsync(connectionString, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (1)");

            Kill(first);
            await RunningAsync(application, "postgres", other: first);
            await application.ResourceNotifications.WaitForResourceHealthyAsync("memorydb", Patience);
            Assert.Equal(connectionString, await ConnectionStringAsync(application, "memorydb"));
            Assert.Equal(1L, await ExecuteAsync(connectionString, "SELECT count(*) FROM kept"));
        }

        Assert.Empty(Leftovers.Find(DirectoryPath));
        await using (var again = NewApplication())
        {
            await again.StartAsync(Patience);
            await again.ResourceNotifications.WaitForResourceHealthyAsync("memorydb", Patience);
            Assert.Equal(1L, await ExecuteAsync(await ConnectionStringAsync(again, "memorydb"), "SELECT count(*) FROM kept"));
        }
    }

    [Fact]
    public async Task The_server_is_durable_and_speaks_to_this_machine_alone_by_password()
    {
        await using var application = NewApplication();
        await application.StartAsync(Patience);
        await application.ResourceNotifications.WaitForResourceHealthyAsync("memorydb", Patience);
        var connectionString = await ConnectionStringAsync(application, "memorydb");
        Assert.Equal("127.0.0.1", await ExecuteAsync(connectionString, "SHOW listen_addresses"));
        Assert.Equal("", await ExecuteAsync(connectionString, "SHOW unix_socket_directories"));
        Assert.Equal("on", await ExecuteAsync(connectionString, "SHOW fsync"));
        Assert.Equal("on", await ExecuteAsync(connectionString, "SHOW synchronous_commit"));
        Assert.StartsWith("SCRAM-SHA-256", (string)(await ExecuteAsync(connectionString, "SELECT rolpassword FROM pg_authid WHERE rolname = 'postgres'"))!, StringComparison.Ordinal);
        var wrong = await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(Password().Replace(connectionString, "Password=wrong"), "SELECT 1"));
        Assert.Equal("28P01", wrong.SqlState);
    }

    [Fact]
    public async Task A_half_made_data_directory_is_made_again()
    {
        await using (var application = NewApplication())
        {
            var halfMade = Directory.CreateDirectory(Path.Combine(DirectoryPath, "postgres", "data.new", "base"));
            await File.WriteAllTextAsync(Path.Combine(halfMade.FullName, "1"), "torn", Patience);
            await application.StartAsync(Patience);
            await application.ResourceNotifications.WaitForResourceHealthyAsync("memorydb", Patience);
        }

        Assert.False(Directory.Exists(Path.Combine(DirectoryPath, "postgres", "data.new")));
    }

    [Fact]
    public void Data_of_a_version_that_is_not_installed_is_named() =>
        Assert.Contains("made by PostgreSQL 9", Assert.Throws<StackProblem>(() => PostgresPrograms.Find(9)).Message, StringComparison.Ordinal);

    private DistributedApplication NewApplication()
    {
        var (builder, stack) = NewStack();
        builder.AddNativePostgres("postgres", stack.AddSecret("postgres-password"), stack).AddNativeDatabase("memorydb");
        return builder.Build();
    }

    private async Task<object?> ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync(Patience);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(Patience);
    }

    [GeneratedRegex("Password=[^;]+")]
    private static partial Regex Password();
}
