using MemoryAspire.Coordination.Database;
using MemoryAspire.Coordination.Expiry;
using MemoryAspire.Postgres.Leadership;
using MemoryAspire.Postgres.Memories;
using MemoryAspire.Reconciler.Leading;
using Microsoft.Extensions.Options;

namespace MemoryAspire.Reconciler.Expiring;

/// <summary>Sweeps until nothing is due, no faster than its budget.</summary>
internal sealed class ExpiryWork(
    ReconcilerLeader leader, LiveDatabase database, ExpirySweep sweep, IOptions<ExpiryOptions> options, LifeInstruments instruments, TimeProvider time, ILogger<ExpiryWork> logger)
    : LeaderWork(leader, options.Value.Interval, time, logger)
{
    private readonly TimeProvider _time = time;

    protected override async Task RunAsync(LeaderTerm term, CancellationToken cancellationToken)
    {
        if (await database.ReadAsync(cancellationToken) is not { } state) return;
        while (true)
        {
            var begun = _time.GetTimestamp();
            var swept = await sweep.RunAsync(state, options.Value.BatchMax, cancellationToken);
            instruments.Expired(swept.Expired);
            if (swept.Found < options.Value.BatchMax || swept.IsRefused) return;
            var left = TimeSpan.FromSeconds((double)swept.Found / options.Value.PerSecondMax) - _time.GetElapsedTime(begun);
            if (left > TimeSpan.Zero) await Task.Delay(left, _time, cancellationToken);
        }
    }
}

internal static class ExpiryRegistration
{
    extension(IHostApplicationBuilder builder)
    {
        public void AddExpiry()
        {
            builder.Services.AddOptions<ExpiryOptions>().BindConfiguration(ExpiryOptions.Section).ValidateDataAnnotations().ValidateOnStart();
            builder.Services.AddSingleton<DueMemories>().AddSingleton<ExpirySweep>();
            builder.Services.AddHostedService<ExpiryWork>();
        }
    }
}
