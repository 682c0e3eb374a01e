using MemoryAspire.Api.Database;
using MemoryAspire.Api.Problems;
using MemoryAspire.Api.Requests;
using MemoryAspire.Coordination;
using MemoryAspire.Postgres.Conflicts;
using MemoryAspire.Postgres.Pending;
using MemoryAspire.Postgres.Writes;
using MemoryAspire.ServiceDefaults.Resilience;
using Microsoft.Extensions.Options;

namespace MemoryAspire.Api.Embedding;

/// <summary>
/// Gives memories that were stored without one their vectors, until none waits. Each is an update like any: a next version, an event,
/// and only of the version whose content was embedded, so that a vector never meets another content.
/// </summary>
internal sealed class LateEmbeddings : BackgroundService
{
    private const int ClaimedMax = 64;

    private const string Actor = "embedding";

    private readonly PendingEmbeddings _pending;
    private readonly TextEmbedder _embedder;
    private readonly MemoryCoordinator _coordinator;
    private readonly DatabaseWatch _watch;
    private readonly StorePipelines _pipelines;
    private readonly TimeSpan _lease;
    private readonly TimeProvider _time;
    private readonly ILogger<LateEmbeddings> _logger;
    private readonly PeriodicTimer _timer;

    public LateEmbeddings(
        PendingEmbeddings pending,
        TextEmbedder embedder,
        MemoryCoordinator coordinator,
        DatabaseWatch watch,
        StorePipelines pipelines,
        IOptions<EmbeddingAbsenceOptions> options,
        TimeProvider time,
        ILogger<LateEmbeddings> logger)
    {
        (_pending, _embedder, _coordinator, _watch, _pipelines) = (pending, embedder, coordinator, watch, pipelines);
        (_lease, _time, _logger) = (options.Value.PendingLease, time, logger);
        _timer = new PeriodicTimer(options.Value.PendingInterval, time);
    }

    public override void Dispose()
    {
        base.Dispose();
        _timer.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (await _timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                while (_watch.CurrentOrNull is not null && await NextAsync(stoppingToken))
                {
                }
            }
            catch (Exception exception) when (ProblemHandler.RefusalFor(exception) is { } refusal)
            {
                // They wait on, and come again when their claim is over.
                _logger.StillPending(refusal.Message);
            }
        }
    }

    /// <summary>False when there may be no more.</summary>
    private async Task<bool> NextAsync(CancellationToken cancellationToken)
    {
        var claimed = await _pipelines.PostgresWrite.ExecuteAsync(async token => await _pending.ClaimAsync(ClaimedMax, _lease, token), cancellationToken);
        var waiting = claimed.Where(one => one.Memory is { Record.VectorVersion: null }).ToList();
        var done = claimed.Except(waiting).ToList();
        if (waiting.Count > 0)
        {
            var vectors = await _embedder.EmbedAsync([.. waiting.Select(one => one.Memory!.Record.Memory.Content)], cancellationToken);
            var given = await Task.WhenAll(waiting.Zip(vectors, (one, vector) => GiveAsync(one, vector, cancellationToken)));
            done.AddRange(waiting.Zip(given).Where(pair => pair.Second).Select(pair => pair.First));
        }

        await _pipelines.PostgresWrite.ExecuteAsync(async token => await _pending.DoneAsync(done, token), cancellationToken);
        return claimed.Count == ClaimedMax;
    }

    /// <summary>True when the memory waits no more: it has the vector, is gone, or has a content without direction.</summary>
    private async Task<bool> GiveAsync(PendingEmbedding pending, ReadOnlyMemory<float> vector, CancellationToken cancellationToken)
    {
        if (vector.IsEmpty) return true;
        var transaction = _coordinator.Begin(Guid.CreateVersion7(_time.GetUtcNow()), pending.Tenant, Actor, _watch.Current);
        transaction.Stage(new WriteOperation.Update(pending.Id, new MemoryPatch(), pending.Memory!.Record.Memory.Version, Vector: EmbeddingField.ToBytes(vector.Span)));
        return (await transaction.CommitAsync(cancellationToken)).Outcome is WriteOutcome.Committed or WriteOutcome.NotFound;
    }
}
