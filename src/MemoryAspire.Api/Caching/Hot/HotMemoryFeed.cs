using MemoryAspire.Postgres.Log;
using MemoryAspire.Postgres.Schema;
using MemoryAspire.ServiceDefaults.Resilience;
using Microsoft.Extensions.Options;

namespace MemoryAspire.Api.Caching.Hot;

/// <summary>
/// Follows the log for the memories that this process holds, a few times a second: a write of another process is thrown out of
/// this one within that time. Only the ids of what changed are read, and only of partitions that entries are held of.
/// </summary>
internal sealed class HotMemoryFeed(
    HotMemories memories, EventLog log, ChangedMemories changes, SchemaGate gate, IOptions<HotMemoryOptions> options, TimeProvider time, ILogger<HotMemoryFeed> logger)
    : BackgroundService
{
    /// <summary>Reading more than that costs more than reading again what is wanted again.</summary>
    private const long ChangesMax = 10_000;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (memories.IsOff) return;
        await gate.Opened.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(options.Value.Interval, time);
        do
        {
            try
            {
                await FollowAsync(stoppingToken);
            }
            catch (Exception exception) when (StoreFailures.IsPostgresAway(exception) && !stoppingToken.IsCancellationRequested)
            {
                // Entries stop to count by themselves.
                logger.HotMemoriesPaused(exception.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        var at = time.GetTimestamp();
        var heads = await log.ReadHeadsAsync(cancellationToken);
        var ranges = memories.Begin(heads);
        var isTooMuch = ranges.Sum(range => range.UpTo.Value - range.After.Value) > ChangesMax;
        var changed = isTooMuch ? null : ranges.Count == 0 ? [] : await changes.ReadAsync(ranges, cancellationToken);
        memories.Finish(ranges, changed, heads, at);
    }
}
