using MemoryAspire.Api.Authentication;
using MemoryAspire.Api.Database;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Index;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Coordination.Participants;
using MemoryAspire.Postgres.Reconciliation;
using MemoryAspire.Reconciliation.Indexes;
using MemoryAspire.Reconciliation.Reports;
using MemoryAspire.Redis;
using MemoryAspire.Redis.Repair;
using MemoryAspire.ServiceDefaults.Resilience;

namespace MemoryAspire.Api.Admin.Reconciliations;

/// <summary>How far a tier is behind the log.</summary>
internal sealed record TierLagAnswer(long Positions, double Seconds);

/// <summary>What a tier holds, compared with the log.</summary>
/// <param name="Lag">Null while the tier cannot be asked; so is everything else.</param>
/// <param name="Count">Memories; for Redis about how many keys there are.</param>
/// <param name="DigestsEqual">Whether every partition has the rows' count and digest, at one common position each. Null: it cannot be told, or the tier has no digests.</param>
internal sealed record TierAnswer(bool Reachable, TierLagAnswer? Lag, long? Count, bool? DigestsEqual);

/// <summary><c>GET /v1/admin/consistency</c>: how the tiers are now, and what the last comparison found.</summary>
internal sealed record ConsistencyAnswer(TierAnswer Postgres, TierAnswer Redis, TierAnswer Index, bool? Consistent, ReconciliationAnswer? LastReconciliation);

internal sealed class TierConsistency(
    RowDigests rows,
    LogAges ages,
    ReconciliationRuns runs,
    WorkingMemory redis,
    ValueScan values,
    MemoryIndexRepair.MemoryIndexRepairClient index,
    MemoryIndex.MemoryIndexClient status,
    ReconciliationInstruments instruments,
    StorePipelines pipelines,
    DatabaseWatch watch,
    TimeProvider time,
    ILogger<TierConsistency> logger)
{
    private const int RunsLooked = 50;

    public async Task<ConsistencyAnswer> ReadAsync(CancellationToken cancellationToken)
    {
        var sums = await rows.SumAsync(null, cancellationToken);
        var inRedis = ReadRedisAsync(sums, cancellationToken);
        var inIndex = ReadIndexAsync(sums, cancellationToken);
        var last = (await runs.ListAsync(RunsLooked, cancellationToken)).FirstOrDefault(run => run.IsOver);
        var (redisTier, indexTier) = (await inRedis, await inIndex);
        return new ConsistencyAnswer(
            new TierAnswer(true, new TierLagAnswer(0, 0), sums.Sum(sum => sum.Count), null), redisTier, indexTier, indexTier.DigestsEqual, last is null ? null : ReconciliationAnswer.Of(last));
    }

    private async Task<TierAnswer> ReadRedisAsync(IReadOnlyList<PartitionSum> sums, CancellationToken cancellationToken)
    {
        try
        {
            return await pipelines.Redis.ExecuteAsync(async token =>
            {
                var controls = await redis.ReadControlsAsync(Partition.All).WaitAsync(token);
                var lag = await LagAsync(sums, partition => controls[partition]?.Applied ?? Position.None, token);
                return new TierAnswer(true, lag, await values.CountAsync().WaitAsync(token), null);
            }, cancellationToken);
        }
        catch (Exception exception) when (RedisParticipant.CannotServe(exception))
        {
            logger.RedisPassedOver(exception.Message);
            return new TierAnswer(false, null, null, null);
        }
    }

    private async Task<TierAnswer> ReadIndexAsync(IReadOnlyList<PartitionSum> sums, CancellationToken cancellationToken)
    {
        try
        {
            var calls = new IndexCalls(index, watch.Current, 0, new Tally(instruments, ReconciliationReport.Empty), time);
            var digests = await calls.DigestsAsync(sums, cancellationToken);
            var now = await pipelines.Index.ExecuteAsync(async token => await status.StatusAsync(new StatusRequest(), cancellationToken: token), cancellationToken);
            var lag = await LagAsync(sums, partition => new Position(now.Partitions.ElementAtOrDefault(partition.Value)?.Position ?? 0), cancellationToken);
            return new TierAnswer(true, lag, now.Memories, AreEqual(sums, digests));
        }
        catch (Exception exception) when (IndexParticipant.CannotServe(exception) && !cancellationToken.IsCancellationRequested)
        {
            logger.IndexPassedOver(exception.Message);
            return new TierAnswer(false, null, null, null);
        }
    }

    private async Task<TierLagAnswer> LagAsync(IReadOnlyList<PartitionSum> sums, Func<Partition, Position> applied, CancellationToken cancellationToken)
    {
        var behind = sums.Select(sum => (sum.Head, At: KeyValuePair.Create(sum.Partition, applied(sum.Partition)))).Where(one => one.At.Value < one.Head).ToList();
        var age = await ages.OldestAfterAsync([.. behind.Select(one => one.At)], cancellationToken);
        return new TierLagAnswer(behind.Sum(one => one.Head.Value - one.At.Value.Value), age.TotalSeconds);
    }

    private static bool? AreEqual(IReadOnlyList<PartitionSum> sums, DigestsReply digests)
    {
        var known = sums.Zip(digests.Entries).Where(pair => pair.Second.State == DigestsReply.Types.State.Known).ToList();
        if (known.Any(pair => pair.First.Count != pair.Second.Count || pair.First.Digest != pair.Second.Digest)) return false;
        return known.Count == sums.Count ? true : null;
    }
}

internal static class TierConsistencyEndpoint
{
    extension(IHostApplicationBuilder builder)
    {
        public void AddTierConsistency() => builder.Services.AddSingleton<TierConsistency>();
    }

    extension(IEndpointRouteBuilder app)
    {
        public void MapTierConsistency() => app.MapGet("/v1/admin/consistency", HandleAsync)
            .RequireAuthorization(Grants.Admin)
            .WithTags("Administration")
            .WithName("getConsistency")
            .Produces<ConsistencyAnswer>()
            .ProducesProblem(401).ProducesProblem(403).ProducesProblem(503);
    }

    private static async Task<IResult> HandleAsync(TierConsistency consistency, CancellationToken cancellationToken) =>
        TypedResults.Json(await consistency.ReadAsync(cancellationToken));
}
