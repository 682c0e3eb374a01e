using System.Diagnostics.Metrics;
using MemoryAspire.Contracts.Index;
using MemoryAspire.Coordination.Participants;

namespace MemoryAspire.Api.Health;

/// <summary>How much the index holds, as it last said: for those who watch this service alone. Nothing while it is away.</summary>
internal sealed class IndexSize : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly MemoryIndex.MemoryIndexClient _client;
    private readonly TimeProvider _time;
    private readonly ILogger<IndexSize> _logger;
    private StatusReply? _last;

    public IndexSize(MemoryIndex.MemoryIndexClient client, IMeterFactory meters, TimeProvider time, ILogger<IndexSize> logger)
    {
        (_client, _time, _logger) = (client, time, logger);
        meters.Create("MemoryAspire.Api").CreateObservableGauge("faiss_index_size", Measure, "{vector}", "Vectors that can be found.");
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, _time);
        do
        {
            try
            {
                // By itself: what merely watches must not move the breaker of those that need an answer.
                Volatile.Write(ref _last, await _client.StatusAsync(
                    new StatusRequest(), deadline: _time.GetUtcNow().UtcDateTime + Patience, cancellationToken: stoppingToken));
            }
            catch (Exception exception) when (IndexParticipant.CannotServe(exception) && !stoppingToken.IsCancellationRequested)
            {
                Volatile.Write(ref _last, null);
                _logger.IndexSizeUnknown(exception.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private IEnumerable<Measurement<long>> Measure() => Volatile.Read(ref _last) is { } last ? [new Measurement<long>(last.Vectors)] : [];
}
