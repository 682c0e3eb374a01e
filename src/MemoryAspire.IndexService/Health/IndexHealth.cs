using MemoryAspire.Index;
using MemoryAspire.IndexService.Hosting;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MemoryAspire.IndexService.Health;

/// <summary>Loading is not healthy; catching up is, with a mark: what is there can be searched.</summary>
internal sealed class IndexHealth(SemanticIndex index, IndexProgress progress) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var status = index.Status;
        var state = progress.State;
        var data = new Dictionary<string, object>
        {
            ["state"] = state switch
            {
                IndexState.Loading => "loading",
                IndexState.CatchingUp => "catching up",
                _ => "ready",
            },
            ["vectors"] = status.Vectors,
            ["memories"] = status.Memories,
        };
        if (status.Identity is { } identity)
        {
            data["generation"] = identity.Generation;
            data["dimension"] = identity.Dimension;
        }

        return Task.FromResult(state switch
        {
            IndexState.Loading => HealthCheckResult.Unhealthy("The snapshot is being loaded.", data: data),
            IndexState.CatchingUp => HealthCheckResult.Degraded("The log has not been followed to its end.", data: data),
            _ => HealthCheckResult.Healthy(data: data),
        });
    }
}
