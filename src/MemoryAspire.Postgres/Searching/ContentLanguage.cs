using Npgsql;

namespace MemoryAspire.Postgres.Searching;

/// <summary>There is no such language.</summary>
public sealed class UnknownLanguageException(string name) : Exception($"PostgreSQL has no text search configuration '{name}'.");

/// <summary>Makes the contents be split as the queries are: another language means that all of them are split anew.</summary>
public sealed class ContentLanguage(NpgsqlDataSource dataSource, SearchLanguage language)
{
    /// <summary>The advisory lock's key: "MemLangu" in ASCII.</summary>
    private const long LockKey = 0x4D656D4C616E6775;

    /// <summary>Writers wait while a large table is split anew.</summary>
    private const int PatienceSeconds = 3600;

    /// <summary>True when the contents had to be split anew.</summary>
    /// <exception cref="UnknownLanguageException">PostgreSQL does not have the language.</exception>
    public async Task<bool> EnsureAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ScalarAsync(connection, transaction, "select pg_advisory_xact_lock($1)", LockKey, cancellationToken);
        var isThere = await ScalarAsync(connection, transaction, "select exists (select from pg_ts_config c where c.cfgname::text = $1 and pg_ts_config_is_visible(c.oid))", language.Name, cancellationToken);
        if (isThere is false) throw new UnknownLanguageException(language.Name);
        var change = await ScalarAsync(
            connection,
            transaction,
            """
            select case when pg_get_expr(d.adbin, d.adrelid) <> format('to_tsvector(%L::regconfig, content)', $1::text::regconfig::text) then format(
                'alter table memories drop column content_search;
                 alter table memories add column content_search tsvector generated always as (to_tsvector(%L::regconfig, content)) stored;
                 create index memories_by_content on memories using gin (content_search)', $1::text::regconfig::text) end
            from pg_attrdef d join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
            where d.adrelid = 'memories'::regclass and a.attname = 'content_search'
            """,
            language.Name,
            cancellationToken);
        if (change is not string statements) return false;
        await using (var command = new NpgsqlCommand(statements, connection, transaction) { CommandTimeout = PatienceSeconds })
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    private static async Task<object?> ScalarAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, string sql, object value, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection, transaction) { Parameters = { new() { Value = value } }, CommandTimeout = PatienceSeconds };
        return await command.ExecuteScalarAsync(cancellationToken);
    }
}
