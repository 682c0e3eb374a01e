using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MemoryAspire.Reconciler.Leading;

/// <summary>A standby is as healthy as a leader; only one that cannot stand for election is not.</summary>
internal sealed class LeaderHealth(ReconcilerLeader leader) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult((leader.Term, leader.Role) switch
        {
            ({ } term, _) => HealthCheckResult.Healthy(data: new Dictionary<string, object> { ["role"] = "leading", ["epoch"] = term.Epoch }),
            (null, LeaderRole.None) => HealthCheckResult.Degraded("Not taking part in the election: PostgreSQL cannot be reached."),
            _ => HealthCheckResult.Healthy(data: new Dictionary<string, object> { ["role"] = "standby" }),
        });
}

internal static class LeaderRegistration
{
    extension(IHostApplicationBuilder builder)
    {
        public void AddLeader()
        {
            builder.Services.AddSingleton<LeaderInstruments>().AddSingleton<LifeInstruments>();
            builder.Services.AddSingleton<ReconcilerLeader>().AddHostedService(services => services.GetRequiredService<ReconcilerLeader>());
            builder.Services.AddHealthChecks().AddCheck<LeaderHealth>("leader");
        }
    }
}
