using System.Globalization;
using StackExchange.Redis;

namespace MemoryAspire.Redis.Erasing;

/// <summary>
/// Makes what was removed leave Redis's files. A removed value's bytes stay in the append-only file until it is rewritten, and in a
/// dump until the next one.
/// </summary>
public sealed class AppendOnlyFiles(IConnectionMultiplexer redis, TimeProvider time)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    /// <summary>Returns when the files of every server are written anew, with what the servers hold from now on only.</summary>
    /// <exception cref="RedisException">A server is away, refuses, or failed to write.</exception>
    public async Task RewriteAsync(CancellationToken cancellationToken)
    {
        foreach (var server in redis.GetServers())
        {
            var before = await ReadAsync(server, "persistence");
            if (before.GetValueOrDefault("aof_enabled") == "1") await RewriteAsync(server, cancellationToken);
            if (await DumpsAsync(server)) await DumpAsync(server, cancellationToken);
        }
    }

    private async Task RewriteAsync(IServer server, CancellationToken cancellationToken)
    {
        // One that is under way may have passed the values before they were removed.
        await UntilAsync(server, info => info["aof_rewrite_in_progress"] == "0" && info["aof_rewrite_scheduled"] == "0", cancellationToken);
        await server.ExecuteAsync("BGREWRITEAOF");
        var after = await UntilAsync(server, info => info["aof_rewrite_in_progress"] == "0" && info["aof_rewrite_scheduled"] == "0", cancellationToken);
        if (after["aof_last_bgrewrite_status"] != "ok") throw new RedisException("Redis could not rewrite its append-only file.");
    }

    private async Task DumpAsync(IServer server, CancellationToken cancellationToken)
    {
        await UntilAsync(server, info => info["rdb_bgsave_in_progress"] == "0", cancellationToken);
        await server.ExecuteAsync("BGSAVE");
        var after = await UntilAsync(server, info => info["rdb_bgsave_in_progress"] == "0", cancellationToken);
        if (after["rdb_last_bgsave_status"] != "ok") throw new RedisException("Redis could not write its dump.");
    }

    private async Task<Dictionary<string, string>> UntilAsync(IServer server, Func<Dictionary<string, string>, bool> isTrue, CancellationToken cancellationToken)
    {
        while (true)
        {
            var info = await ReadAsync(server, "persistence");
            if (isTrue(info)) return info;
            await Task.Delay(Poll, time, cancellationToken);
        }
    }

    /// <summary>Whether the server writes dumps, or has written one that may still be there.</summary>
    private static async Task<bool> DumpsAsync(IServer server)
    {
        var info = await ReadAsync(server, "persistence");
        if (long.TryParse(info.GetValueOrDefault("rdb_saves"), NumberStyles.None, CultureInfo.InvariantCulture, out var saves) && saves > 0) return true;
        var setting = (RedisResult[]?)await server.ExecuteAsync("CONFIG", "GET", "save");
        return setting is [_, var value] && !string.IsNullOrEmpty((string?)value);
    }

    private static async Task<Dictionary<string, string>> ReadAsync(IServer server, string section)
    {
        var text = (string?)await server.ExecuteAsync("INFO", section) ?? "";
        return text.Split('\n')
            .Select(line => line.Trim().Split(':', 2))
            .Where(pair => pair.Length == 2)
            .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
    }
}
