using MemoryAspire.Contracts.Identity;
using Npgsql;

namespace MemoryAspire.Postgres.Locks;

/// <summary>
/// Each change is one statement, which waits for the row, decides by <c>clock_timestamp()</c> from then on, and returns the
/// lease and the transaction's id; or no row when it changed nothing.
/// </summary>
internal static class LockStatements
{
    private const string Returning = "fencing_token, expires_at, pg_current_xact_id()::text";

    /// <summary>A new lease, unless one runs.</summary>
    public static NpgsqlBatchCommand Acquire(LockName name, TimeSpan ttl) => Named(
        $"""
        insert into locks as l (partition, tenant, name, fencing_token, expires_at) values ($1, $2, $3, 1, clock_timestamp() + $4)
        on conflict (partition, tenant, name) do update
            set fencing_token = l.fencing_token + 1, expires_at = clock_timestamp() + $4
            where l.expires_at <= clock_timestamp()
        returning {Returning}
        """,
        name,
        ttl);

    /// <summary>
    /// The same lease for longer, or shorter. Also one that has lapsed, while its token is the newest: nobody had the lock
    /// since. Not one that was released.
    /// </summary>
    public static NpgsqlBatchCommand Renew(LockName name, long fencingToken, TimeSpan ttl) => Named(
        $"""
        update locks set expires_at = clock_timestamp() + $5
        where partition = $1 and tenant = $2 and name = $3 and fencing_token = $4 and expires_at > '-infinity'
        returning {Returning}
        """,
        name,
        fencingToken,
        ttl);

    /// <summary>The end of a lease that runs.</summary>
    public static NpgsqlBatchCommand Release(LockName name, long fencingToken) => Named(
        """
        update locks set expires_at = '-infinity'
        where partition = $1 and tenant = $2 and name = $3 and fencing_token = $4 and expires_at > clock_timestamp()
        returning fencing_token, clock_timestamp(), pg_current_xact_id()::text
        """,
        name,
        fencingToken);

    /// <summary>The newest lease, unless it was released.</summary>
    public static NpgsqlBatchCommand Current(LockName name) => Named(
        """
        select expires_at, expires_at - clock_timestamp() from locks
        where partition = $1 and tenant = $2 and name = $3 and isfinite(expires_at)
        """,
        name);

    private static NpgsqlBatchCommand Named(string sql, LockName name, params object[] values)
    {
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.Add(new() { Value = (short)(byte)Partition.Hash(name.Tenant, name.Name) });
        command.Parameters.Add(new() { Value = name.Tenant });
        command.Parameters.Add(new() { Value = name.Name });
        foreach (var value in values) command.Parameters.Add(new() { Value = value });
        return command;
    }
}
