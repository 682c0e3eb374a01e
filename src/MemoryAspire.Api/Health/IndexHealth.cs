using Grpc.Core;
using MemoryAspire.Api.Database;
using MemoryAspire.Contracts.Index;
using MemoryAspire.Coordination.Participants;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MemoryAspire.Api.Health;

internal sealed class IndexHealth(MemoryIndex.MemoryIndexClient client, DatabaseWatch watch) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var status = await client.StatusAsync(new StatusRequest(), cancellationToken: cancellationToken);
            var data = new Dictionary<string, object>
            {
                ["state"] = status.State.ToString(),
                ["vectors"] = status.Vectors,
                ["memories"] = status.Memories,
                ["generation"] = status.Generation,
            };
            if (status.State == StatusReply.Types.State.Loading)
            {
                return HealthCheckResult.Degraded("The index is loading: searches are served from PostgreSQL.", data: data);
            }

            return status.Generation == watch.CurrentOrNull?.Generation.Number
                ? HealthCheckResult.Healthy(data: data)
                : HealthCheckResult.Degraded("The index has not taken up the live generation yet: searches are served from PostgreSQL.", data: data);
        }
        catch (Exception exception) when (exception is RpcException || IndexParticipant.CannotServe(exception))
        {
            return HealthCheckResult.Degraded("The index cannot be reached: searches are served from PostgreSQL.");
        }
    }
}
