using System.Text.Json;
using MemoryAspire.Api.Database;
using MemoryAspire.Api.Problems;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Coordination;
using MemoryAspire.Coordination.Participants;
using MemoryAspire.Postgres.Writes;
using MemoryAspire.Redis.Sessions;
using MemoryAspire.ServiceDefaults.Resilience;
using Microsoft.Extensions.Options;

namespace MemoryAspire.Api.Sessions;

/// <summary>
/// Promotes sessions that expired and have a policy for it, and removes them then. Between the two a process may die, or another may
/// do the same: the next one promotes again, which finds the memories instead of making them, and removes the session.
/// </summary>
internal sealed class SessionSweep : BackgroundService
{
    /// <summary>Claimed at once of each partition.</summary>
    private const int ClaimedMax = 16;

    private const string Actor = "session-expiry";

    private readonly SessionStore _store;
    private readonly SessionPromotion _promotion;
    private readonly MemoryCoordinator _coordinator;
    private readonly DatabaseWatch _watch;
    private readonly StorePipelines _pipelines;
    private readonly SessionInstruments _instruments;
    private readonly TimeSpan _lease;
    private readonly TimeProvider _time;
    private readonly ILogger<SessionSweep> _logger;
    private readonly PeriodicTimer _timer;

    public SessionSweep(
        SessionStore store,
        SessionPromotion promotion,
        MemoryCoordinator coordinator,
        DatabaseWatch watch,
        StorePipelines pipelines,
        SessionInstruments instruments,
        IOptions<SessionOptions> options,
        TimeProvider time,
        ILogger<SessionSweep> logger)
    {
        (_store, _promotion, _coordinator, _watch, _pipelines) = (store, promotion, coordinator, watch, pipelines);
        (_instruments, _lease, _time, _logger) = (instruments, options.Value.PromotionLease, time, logger);
        _timer = new PeriodicTimer(options.Value.SweepInterval, time);
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
                if (_watch.CurrentOrNull is not null) await SweepAsync(stoppingToken);
            }
            catch (Exception exception) when (RedisParticipant.CannotServe(exception))
            {
                _logger.SweepPaused(exception.Message);
            }
        }
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        var claimed = await _pipelines.Redis.ExecuteAsync(async token => await _store.ClaimAsync(_lease, ClaimedMax).WaitAsync(token), cancellationToken);
        foreach (var (partition, key) in claimed)
        {
            var expired = await _pipelines.Redis.ExecuteAsync(async token => await _store.ReadExpiredAsync(partition, key).WaitAsync(token), cancellationToken);
            if (expired is null) continue;
            try
            {
                await PromoteAsync(expired.Session, cancellationToken);
            }
            catch (Exception exception) when (ProblemHandler.RefusalFor(exception) is { } refusal)
            {
                // It stays due, and comes again when its claim is over.
                _logger.NotPromoted(refusal.Message);
                continue;
            }

            await _pipelines.Redis.ExecuteAsync(async token => await _store.RetireAsync(expired).WaitAsync(token), cancellationToken);
        }
    }

    private async Task PromoteAsync(Session session, CancellationToken cancellationToken)
    {
        if (session.Messages.Count == 0) return;
        var policy = session.Policy?.Deserialize<PromotionPolicy>(MemoryJson.Options) ?? new PromotionPolicy();
        var transaction = _coordinator.Begin(Guid.CreateVersion7(_time.GetUtcNow()), session.Name.Tenant, Actor, _watch.Current);
        await _promotion.StageAsync(transaction, session.Name, SessionAnswer.ItemsOf(session), policy, cancellationToken);
        var (outcome, _) = await transaction.CommitAsync(cancellationToken);
        if (outcome is not WriteOutcome.Committed committed) throw Memories.WriteRefusals.Of(outcome)!;
        _instruments.Promoted(committed.Events.Count);
    }
}
