using System.Reflection;
using System.Runtime.ExceptionServices;
using DbUp;
using DbUp.Engine.Output;
using DbUp.Postgresql;
using MemoryAspire.ServiceDefaults.Resilience;
using Npgsql;

namespace MemoryAspire.Postgres.Schema;

/// <summary>
/// Numbered migrations, each applied once. Any process may call this at any time: an advisory lock lets one
/// work while the others wait for it.
/// </summary>
public sealed class SchemaMigrations(NpgsqlDataSource dataSource)
{
    /// <summary>The advisory lock's key: "MemAspir" in ASCII.</summary>
    private const long LockKey = 0x4D656D4173706972;

    /// <exception cref="NpgsqlException">PostgreSQL cannot be reached.</exception>
    /// <exception cref="InvalidOperationException">A migration failed; its transaction left nothing behind.</exception>
    public async Task ApplyAsync(CancellationToken cancellationToken)
    {
        // The lock belongs to the transaction, so it is released with the connection, however that ends.
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var command = new NpgsqlCommand("select pg_advisory_xact_lock($1)", connection, transaction)
        {
            Parameters = { new() { Value = LockKey } },
            CommandTimeout = 120,
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
        Upgrade();
        await transaction.CommitAsync(cancellationToken);
    }

    private void Upgrade()
    {
        var result = DeployChanges.To
            .PostgresqlDatabase(new PostgresqlConnectionManager(dataSource))
            .WithScriptsEmbeddedInAssembly(Assembly.GetExecutingAssembly())
            .WithVariablesDisabled()
            .WithTransaction()
            .JournalToPostgresqlTable("public", "schema_migrations")
            .LogTo(new NoOpUpgradeLog())
            .Build()
            .PerformUpgrade();
        if (StoreFailures.IsPostgresAway(result.Error)) ExceptionDispatchInfo.Throw(result.Error);
        if (!result.Successful) throw new InvalidOperationException($"Migration {result.ErrorScript?.Name} failed.", result.Error);
    }
}
