using Grpc.Core;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Index;
using MemoryAspire.TestServices;
using Npgsql;
using StackExchange.Redis;

namespace MemoryAspire.Crash.Tests.Tiers;

/// <summary>Compares the three tiers from outside.</summary>
internal sealed class ThreeTiers(ServiceStack stack, ConnectionMultiplexer redis) : IDisposable
{
    private static readonly TimeSpan InStepMax = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    private readonly RedisTier _redis = new(redis.GetDatabase());
    private readonly IndexTier _index = new(stack.Index.Address);

    public PostgresTier Postgres { get; } = new(stack.Database);

    /// <summary>Returns when Redis and the index have come to the log's heads.</summary>
    public async Task WaitUntilInStepAsync()
    {
        using var bound = new CancellationTokenSource(InStepMax);
        while (!await AreInStepAsync()) await Task.Delay(Poll, bound.Token);
    }

    /// <summary>That all three hold the same: every partition's digest in the index, and the versions of some memories everywhere.</summary>
    /// <param name="ids">Of memories that exist, or have existed.</param>
    public async Task AssertEqualAsync(IEnumerable<string> ids)
    {
        var sums = await Postgres.SumAsync();
        var status = await _index.ReadAsync();
        Assert.Equal(sums, status.Partitions.Select(partition => (partition.Count, partition.Digest)));

        var stored = (await Postgres.ReadAsync()).ToDictionary(memory => memory.Id, memory => memory.Version);
        var known = ids.Select(id => new MemoryId(Guid.Parse(id))).ToList();
        foreach (var (id, indexed) in known.Zip(await _index.FindAsync(known)))
        {
            var version = stored.GetValueOrDefault(id.ToString());
            Assert.Equal(version, indexed);

            // A value may be missing, but never be another one.
            Assert.Equal(version, await _redis.FindAsync(id) ?? version);
        }
    }

    public void Dispose() => _index.Dispose();

    private async Task<bool> AreInStepAsync()
    {
        try
        {
            var heads = await Postgres.ReadHeadsAsync();
            var inRedis = await _redis.ReadAppliedAsync();
            var status = await _index.ReadAsync();
            return status.State == StatusReply.Types.State.Ready
                && heads.SequenceEqual(status.Partitions.Select(partition => partition.Position))
                && heads.SequenceEqual(inRedis);
        }
        catch (Exception exception) when (exception is NpgsqlException or RpcException or RedisException or TimeoutException)
        {
            // One of them is still on its way back, or holds still.
            return false;
        }
    }
}
