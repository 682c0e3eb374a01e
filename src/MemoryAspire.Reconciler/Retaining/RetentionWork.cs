using MemoryAspire.Contracts.Identity;
using MemoryAspire.Postgres.Leadership;
using MemoryAspire.Postgres.Retention;
using MemoryAspire.Reconciler.Leading;
using Microsoft.Extensions.Options;

namespace MemoryAspire.Reconciler.Retaining;

/// <summary>Removes what is kept for a time only, a batch after the other.</summary>
internal sealed class RetentionWork(
    ReconcilerLeader leader, LogRetention retention, IOptions<RetentionOptions> options, LifeInstruments instruments, TimeProvider time, ILogger<RetentionWork> logger)
    : LeaderWork(leader, options.Value.Interval, time, logger)
{
    protected override async Task RunAsync(LeaderTerm term, CancellationToken cancellationToken)
    {
        var settings = options.Value;
        while (await retention.RemoveKeysAsync(settings.IdempotencyKeys, settings.BatchMax, term.EnsureAsync, cancellationToken) is var removed and > 0)
        {
            instruments.KeysRemoved(removed);
        }

        if (settings.Deleted is { } deleted) await CompactAsync(RetentionRule.Deleted, deleted, term, cancellationToken);
        if (settings.Superseded is { } superseded) await CompactAsync(RetentionRule.Superseded, superseded, term, cancellationToken);
    }

    private async Task CompactAsync(RetentionRule rule, TimeSpan age, LeaderTerm term, CancellationToken cancellationToken)
    {
        foreach (var partition in Partition.All)
        {
            RetentionStep step;
            do
            {
                step = await retention.StepAsync(rule, partition, age, options.Value.BatchMax, term.EnsureAsync, cancellationToken);
                instruments.Compacted(step.Compacted);
            }
            while (step.Looked == options.Value.BatchMax);
        }
    }
}

internal static class RetentionRegistration
{
    extension(IHostApplicationBuilder builder)
    {
        public void AddRetention()
        {
            builder.Services.AddOptions<RetentionOptions>().BindConfiguration(RetentionOptions.Section).ValidateDataAnnotations().ValidateOnStart();
            builder.Services.AddSingleton<LogRetention>().AddHostedService<RetentionWork>();
        }
    }
}
