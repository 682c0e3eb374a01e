using System.Threading.Channels;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Coordination.Participants;
using MemoryAspire.Postgres.Memories;
using MemoryAspire.Redis;
using MemoryAspire.ServiceDefaults.Resilience;

namespace MemoryAspire.Api.Caching;

/// <summary>
/// Puts rows that were read from PostgreSQL into Redis, after the answer. A full queue drops: the next read
/// tries again.
/// </summary>
internal sealed class CacheFiller(WorkingMemory memory, StorePipelines pipelines, ReadInstruments instruments, ILogger<CacheFiller> logger) : BackgroundService
{
    private const int FillsMax = 1024;

    private readonly Channel<Fill> _fills = Channel.CreateBounded<Fill>(new BoundedChannelOptions(FillsMax) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly record struct Fill(StoredMemory Memory, Position Head, Incarnation Incarnation);

    public void Offer(StoredMemory stored, Position head, Incarnation incarnation)
    {
        // A full channel takes it and drops it.
        if (_fills.Reader.Count >= FillsMax) instruments.Filled("redis", "dropped");
        _fills.Writer.TryWrite(new Fill(stored, head, incarnation));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var fill in _fills.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                var filled = await pipelines.Redis.ExecuteAsync(
                    async cancellationToken => await memory.FillAsync(fill.Memory, fill.Head, fill.Incarnation).WaitAsync(cancellationToken), stoppingToken);
                instruments.Filled("redis", filled ? "filled" : "refused");
            }
            catch (Exception exception) when (RedisParticipant.CannotServe(exception))
            {
                instruments.Filled("redis", "failed");
                logger.NotFilled(exception);
            }
        }
    }
}

internal static class CacheFillerRegistration
{
    extension(IHostApplicationBuilder builder)
    {
        public void AddCacheFiller() => builder.Services
            .AddSingleton<CacheFiller>()
            .AddHostedService(services => services.GetRequiredService<CacheFiller>());
    }
}
