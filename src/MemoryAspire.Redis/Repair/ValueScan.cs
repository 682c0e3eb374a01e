using System.Runtime.CompilerServices;
using StackExchange.Redis;

namespace MemoryAspire.Redis.Repair;

/// <summary>Goes through the keys of values, in small steps of SCAN; in a cluster through every node that has keys of its own.</summary>
public sealed class ValueScan(IConnectionMultiplexer redis)
{
    /// <summary>Keys that Redis looks at in one step, whatever they are.</summary>
    private const int StepKeys = 500;

    /// <summary>Every key that is there from the first to the last step, some perhaps twice; batches of a few hundred.</summary>
    public async IAsyncEnumerable<IReadOnlyList<RedisKey>> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var database = redis.GetDatabase().Database;
        foreach (var server in redis.GetServers().Where(server => server is { IsConnected: true, IsReplica: false }))
        {
            var batch = new List<RedisKey>(StepKeys);
            await foreach (var key in server.KeysAsync(database, Keys.AnyMemory, StepKeys).WithCancellation(cancellationToken))
            {
                batch.Add(key);
                if (batch.Count < StepKeys) continue;
                yield return batch;
                batch = new List<RedisKey>(StepKeys);
            }

            if (batch.Count > 0) yield return batch;
        }
    }

    /// <summary>About how many keys there are, of values and others.</summary>
    public async Task<long> CountAsync()
    {
        var database = redis.GetDatabase().Database;
        var counts = await Task.WhenAll(redis.GetServers().Where(server => server is { IsConnected: true, IsReplica: false }).Select(server => server.DatabaseSizeAsync(database)));
        return counts.Sum();
    }
}
