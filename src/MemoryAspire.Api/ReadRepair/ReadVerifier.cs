using System.Threading.Channels;
using MemoryAspire.Api.Database;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Index;
using MemoryAspire.Coordination.Participants;
using MemoryAspire.Reconciliation;
using MemoryAspire.Reconciliation.Indexes;
using MemoryAspire.Reconciliation.Reports;
using MemoryAspire.Reconciliation.Values;
using MemoryAspire.Redis.Repair;
using MemoryAspire.ServiceDefaults.Resilience;
using Microsoft.Extensions.Options;

namespace MemoryAspire.Api.ReadRepair;

/// <summary>
/// Verifies a sample of what reads and searches met, behind the answer, and repairs what is wrong. A full queue drops: comparing
/// the tiers finds the rest.
/// </summary>
internal sealed class ReadVerifier(
    ValueRepair values,
    IndexRepair records,
    MemoryIndexRepair.MemoryIndexRepairClient index,
    ReconciliationInstruments instruments,
    DatabaseWatch watch,
    IOptions<ReadRepairOptions> options,
    Random random,
    TimeProvider time,
    ILogger<ReadVerifier> logger) : BackgroundService
{
    private const int QueueMax = 256;
    private const int AtOnceMax = 64;

    private readonly Channel<(string Tier, MemoryId Id)> _met =
        Channel.CreateBounded<(string, MemoryId)>(new BoundedChannelOptions(QueueMax) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Redis served this memory.</summary>
    public void Read(MemoryId id) => Meet(Kinds.Redis, id);

    /// <summary>The index named this memory.</summary>
    public void Found(MemoryId id) => Meet(Kinds.Index, id);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (await _met.Reader.WaitToReadAsync(stoppingToken))
        {
            var met = new HashSet<(string Tier, MemoryId Id)>();
            while (met.Count < AtOnceMax && _met.Reader.TryRead(out var one)) met.Add(one);
            await VerifyAsync(met, stoppingToken);
        }
    }

    private void Meet(string tier, MemoryId id)
    {
        if (options.Value.Rate > 0 && random.NextDouble() < options.Value.Rate) _met.Writer.TryWrite((tier, id));
    }

    private async Task VerifyAsync(HashSet<(string Tier, MemoryId Id)> met, CancellationToken cancellationToken)
    {
        if (watch.CurrentOrNull is not { } database) return;
        var tally = new Tally(instruments, ReconciliationReport.Empty);
        var byTier = met.ToLookup(one => one.Tier, one => one.Id);
        try
        {
            if (byTier[Kinds.Redis].ToList() is { Count: > 0 } read)
            {
                ValueReconciliation.Count(await values.RunAsync(read, database.Incarnation, repair: true, cancellationToken), tally);
                instruments.Verified(Kinds.Redis, read.Count);
            }

            if (byTier[Kinds.Index].ToList() is { Count: > 0 } found)
            {
                await records.RunAsync(found, new IndexCalls(index, database, 0, tally, time), tally, compareOnly: false, cancellationToken);
                instruments.Verified(Kinds.Index, found.Count);
            }
        }
        catch (Exception exception) when (
            StoreFailures.IsPostgresAway(exception) || RedisParticipant.CannotServe(exception)
            || (IndexParticipant.CannotServe(exception) && !cancellationToken.IsCancellationRequested))
        {
            logger.NotVerified(exception.Message);
        }

        var wrong = tally.Report.Differences.Sum(one => one.Count);
        if (wrong > 0) logger.ReadRepaired(wrong);
    }
}

internal static class ReadRepairRegistration
{
    extension(IHostApplicationBuilder builder)
    {
        public void AddReadRepair()
        {
            builder.Services.AddOptions<ReadRepairOptions>().BindConfiguration(ReadRepairOptions.Section).ValidateDataAnnotations().ValidateOnStart();
            builder.AddRecordRepair();
            builder.Services.AddSingleton<ReadVerifier>().AddHostedService(services => services.GetRequiredService<ReadVerifier>());
        }
    }
}
