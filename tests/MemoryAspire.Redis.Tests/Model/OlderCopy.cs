using StackExchange.Redis;

namespace MemoryAspire.Redis.Tests.Model;

/// <summary>What Redis held once, but for intents; it may come back as that: a backup, or a replica that lagged.</summary>
internal sealed class OlderCopy
{
    private readonly Tier _tier;
    private readonly List<(RedisKey Key, HashEntry[] Fields, TimeSpan? Left)> _hashes = [];

    private OlderCopy(Tier tier) => _tier = tier;

    public static async Task<OlderCopy> TakeAsync(Tier tier)
    {
        var copy = new OlderCopy(tier);
        foreach (var key in tier.Connection.GetServers()[0].Keys(tier.Database.Database))
        {
            var name = key.ToString();
            if (name.StartsWith("memory", StringComparison.Ordinal) || name.StartsWith("control", StringComparison.Ordinal))
            {
                copy._hashes.Add((key, await tier.Database.HashGetAllAsync(key), await tier.Database.KeyTimeToLiveAsync(key)));
            }
        }

        return copy;
    }

    public async Task RestoreAsync()
    {
        await _tier.Database.ExecuteAsync("FLUSHDB");
        foreach (var (key, fields, left) in _hashes)
        {
            await _tier.Database.HashSetAsync(key, fields);
            if (left is not null) await _tier.Database.KeyExpireAsync(key, left);
        }
    }
}
