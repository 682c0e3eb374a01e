using Grpc.Core;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Index;
using MemoryAspire.Coordination.Participants;
using MemoryAspire.Postgres.Log;
using MemoryAspire.Redis;
using MemoryAspire.ServiceDefaults.Resilience;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MemoryAspire.Api.Health;

/// <summary>How many positions the derived tiers are behind the log.</summary>
internal sealed class ConsistencyHealth(EventLog log, WorkingMemory redis, MemoryIndex.MemoryIndexClient index) : IHealthCheck
{
    /// <summary>Further behind than this is more than the writes that are just on their way.</summary>
    private const long BehindMax = 1000;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var heads = await log.ReadHeadsAsync(cancellationToken);
            var controls = await redis.ReadControlsAsync(Partition.All).WaitAsync(cancellationToken);
            var status = await index.StatusAsync(new StatusRequest(), cancellationToken: cancellationToken);
            var redisBehind = Partition.All.Sum(partition => Behind(heads, partition, controls[partition]?.Applied.Value));
            var indexBehind = Partition.All.Sum(partition => Behind(heads, partition, status.Partitions.ElementAtOrDefault(partition.Value)?.Position));
            var data = new Dictionary<string, object> { ["redisBehind"] = redisBehind, ["indexBehind"] = indexBehind };
            return Math.Max(redisBehind, indexBehind) <= BehindMax
                ? HealthCheckResult.Healthy(data: data)
                : HealthCheckResult.Degraded("A tier is catching up with the log.", data: data);
        }
        catch (Exception exception) when (StoreFailures.IsPostgresAway(exception) || RedisParticipant.CannotServe(exception) || exception is RpcException)
        {
            return HealthCheckResult.Degraded("A tier cannot be reached, so the tiers cannot be compared.");
        }
    }

    private static long Behind(LogHeads heads, Partition partition, long? applied) => Math.Max(0, heads[partition].Value - (applied ?? 0));
}
