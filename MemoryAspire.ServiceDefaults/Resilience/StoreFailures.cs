using Grpc.Core;
using Npgsql;
using Polly.CircuitBreaker;
using Polly.Timeout;
using StackExchange.Redis;

namespace MemoryAspire.ServiceDefaults.Resilience;

/// <summary>
/// Tells a store that is away from a store that said no. Only the former trips a breaker, and only the former lets
/// a caller pass the store over.
/// </summary>
public static class StoreFailures
{
    /// <summary>SQLSTATE classes: connection, resources, operator intervention, system. Conflicts between transactions are not among them.</summary>
    private static readonly string[] PostgresAway = ["08", "53", "57P", "58"];

    public static bool IsPostgresAway(Exception? exception) => exception switch
    {
        PostgresException said => PostgresAway.Any(prefix => said.SqlState.StartsWith(prefix, StringComparison.Ordinal)),
        NpgsqlException broken => broken.IsTransient,
        _ => IsRejected(exception),
    };

    public static bool IsRedisAway(Exception? exception) => exception switch
    {
        RedisConnectionException or RedisTimeoutException => true,
        RedisServerException said => IsNotServing(said.Kind),
        _ => IsRejected(exception),
    };

    /// <summary>
    /// DEADLINE_EXCEEDED is not among them: that is the index's own answer when it has not caught up, and it is well.
    /// </summary>
    public static bool IsIndexAway(Exception? exception) =>
        exception is RpcException { StatusCode: StatusCode.Unavailable } || IsRejected(exception);

    /// <summary>Worth a second attempt of a read: the connection broke, or the server is starting or resolved a deadlock against us.</summary>
    internal static bool IsPostgresTransient(Exception? exception) =>
        exception is NpgsqlException { IsTransient: true } || (exception is PostgresException && IsPostgresAway(exception));

    internal static bool IsIndexTransient(Exception? exception) => exception is RpcException { StatusCode: StatusCode.Unavailable };

    /// <summary>Up, and yet not there: loading its data, failing over, full of clients, blocked by a script.</summary>
    private static bool IsNotServing(RedisErrorKind kind) => kind is
        RedisErrorKind.Loading or RedisErrorKind.MasterDown or RedisErrorKind.ClusterDown or RedisErrorKind.ReadOnly
        or RedisErrorKind.TryAgain or RedisErrorKind.Busy or RedisErrorKind.MaxClients;

    /// <summary>A pipeline gave up by itself: no answer in time, or not even tried.</summary>
    private static bool IsRejected(Exception? exception) => exception is TimeoutRejectedException or BrokenCircuitException;
}
