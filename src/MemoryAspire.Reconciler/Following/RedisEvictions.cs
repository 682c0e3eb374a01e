using System.Diagnostics.Metrics;
using System.Globalization;
using MemoryAspire.Coordination.Participants;
using MemoryAspire.ServiceDefaults.Resilience;
using StackExchange.Redis;

namespace MemoryAspire.Reconciler.Following;

/// <summary>How many keys Redis has thrown out because it was full, as it says itself. A server that does not say counts for nothing.</summary>
internal sealed class RedisEvictions : BackgroundService
{
    private const string Field = "evicted_keys:";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly IConnectionMultiplexer _redis;
    private readonly StorePipelines _pipelines;
    private readonly TimeProvider _time;
    private long _evicted;

    public RedisEvictions(IConnectionMultiplexer redis, StorePipelines pipelines, IMeterFactory meters, TimeProvider time)
    {
        (_redis, _pipelines, _time) = (redis, pipelines, time);
        meters.Create("MemoryAspire.Reconciler").CreateObservableCounter(
            "memory.redis.evictions", () => Interlocked.Read(ref _evicted), "{key}", "Keys that Redis threw out because it was full, since it started.");
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, _time);
        do
        {
            try
            {
                Interlocked.Exchange(ref _evicted, await _pipelines.Redis.ExecuteAsync(async token => await ReadAsync().WaitAsync(token), stoppingToken));
            }
            catch (Exception exception) when (RedisParticipant.CannotServe(exception))
            {
                // The number stays what it was; whether Redis is well, others say.
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task<long> ReadAsync()
    {
        long evicted = 0;
        foreach (var server in _redis.GetServers().Where(server => server is { IsConnected: true, IsReplica: false }))
        {
            // By name: the driver's own method asks for a connection that may administer the server.
            var said = (string?)await server.ExecuteAsync("INFO", "stats") ?? "";
            var line = said.Split('\n').FirstOrDefault(line => line.StartsWith(Field, StringComparison.Ordinal));
            if (long.TryParse(line.AsSpan(line is null ? 0 : Field.Length).Trim(), CultureInfo.InvariantCulture, out var count)) evicted += count;
        }

        return evicted;
    }
}
