using MemoryAspire.TestStores.Postgres;
using MemoryAspire.TestStores.Processes;
using Npgsql;

namespace MemoryAspire.TestStores;

/// <summary>
/// A PostgreSQL of one's own: a fresh data folder, a free port on loopback, SCRAM. It dies with this process.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string Ready = "database system is ready to accept connections";
    private const int StartsMax = 3;

    private readonly string binaries;
    private readonly PostgresServerOptions options;
    private StoreProcess? process;
    private int databases;

    private PostgresServer(string binaries, string dataFolder, PostgresServerOptions options)
    {
        this.binaries = binaries;
        this.options = options;
        DataFolder = dataFolder;
    }

    public int Port { get; private set; }

    public string DataFolder { get; }

    /// <summary>The postmaster; 0 when it does not run.</summary>
    public int ProcessId => process?.Id ?? 0;

    /// <summary>The server's own database, <c>postgres</c>; tests take one from <see cref="CreateDatabaseAsync"/>.</summary>
    public string ConnectionString => ConnectionStringFor("postgres");

    public static async Task<PostgresServer> StartAsync(PostgresServerOptions? options = null)
    {
        var binaries = StorePrograms.PostgresFolder();
        var folder = await StoreFolders.NewAsync("postgres");
        await PostgresTemplate.CopyToAsync(binaries, folder);
        var server = new PostgresServer(binaries, folder, options ?? new PostgresServerOptions());
        try
        {
            await server.StartOnFreePortAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Everything that a database holds, as the statements that would make it again; null where there is no pg_dump.</summary>
    public async Task<string?> DumpAsync(string connectionString)
    {
        var program = Path.Combine(binaries, "pg_dump");
        if (!File.Exists(program)) return null;
        var to = new NpgsqlConnectionStringBuilder(connectionString);
        var file = Path.GetTempFileName();
        try
        {
            await StoreCommand.RunAsync(
                program, "--file", file, "--dbname", $"postgresql://{to.Username}:{to.Password}@{to.Host}:{to.Port}/{to.Database}");
            return await File.ReadAllTextAsync(file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Makes an empty database and returns its connection string.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"test_{Interlocked.Increment(ref databases)}";
        var administrator = new NpgsqlConnectionStringBuilder(ConnectionString) { Pooling = false };
        await using var connection = new NpgsqlConnection(administrator.ConnectionString);
        await connection.OpenAsync();
        await using var create = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await create.ExecuteNonQueryAsync();
        return ConnectionStringFor(name);
    }

    /// <summary>SIGKILL to the postmaster; returns when its children have let go of everything too.</summary>
    public Task KillAsync() => EndAsync(Signal.Kill);

    /// <summary>A fast shutdown: open transactions are rolled back, what was committed is on disk.</summary>
    public Task StopAsync() => EndAsync(Signal.Interrupt);

    /// <summary>Starts the server again on the same port and data; one that runs is stopped first.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        process = await StartProcessAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        StoreFolders.Remove(DataFolder);
    }

    private async Task StartOnFreePortAsync()
    {
        for (var start = 1; process is null; start++)
        {
            Port = LoopbackPort.Free();
            try
            {
                process = await StartProcessAsync();
            }
            catch (StoreStartException exception) when (start < StartsMax && exception.Message.Contains("could not bind", StringComparison.Ordinal))
            {
                // Another process took the port between the look and the start: look for the next one.
            }
        }
    }

    private Task<StoreProcess> StartProcessAsync()
    {
        string[] settings =
        [
            $"port={Port}", "listen_addresses=127.0.0.1", "unix_socket_directories=", "logging_collector=off",
            "log_destination=stderr", "lc_messages=C", $"max_connections={options.ConnectionsMax}",
            $"fsync={(options.Fsync ? "on" : "off")}", .. options.Settings,
        ];
        var arguments = settings.SelectMany(setting => new[] { "-c", setting });
        var command = StoreUser.Unprivileged(Path.Combine(binaries, "postgres"), ["-D", DataFolder, .. arguments]);
        return StoreProcess.StartAsync(command, Ready, workingFolder: "/");
    }

    private async Task EndAsync(int signal)
    {
        if (process is null) return;
        await process.EndAsync(signal);
        process.Dispose();
        process = null;
    }

    private string ConnectionStringFor(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = Port,
        Username = PostgresTemplate.User,
        Password = PostgresTemplate.Password,
        Database = database,
        IncludeErrorDetail = true,
    }.ConnectionString;
}
