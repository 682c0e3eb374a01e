using MemoryAspire.Postgres.Leadership;
using MemoryAspire.Postgres.Schema;
using MemoryAspire.ServiceDefaults.Resilience;

namespace MemoryAspire.Reconciler.Leading;

/// <summary>What a reconciler is to the others.</summary>
internal enum LeaderRole
{
    /// <summary>PostgreSQL has not let it stand for election yet, or no longer does.</summary>
    None,
    Standby,
    Leading,
}

/// <summary>Stands for election as long as the process runs.</summary>
internal sealed class ReconcilerLeader(
    SchemaGate gate, LeaderElection election, TimeProvider time, LeaderInstruments instruments, ILogger<ReconcilerLeader> logger) : BackgroundService
{
    private const string Name = "reconciler";

    private static readonly string Holder = $"{Environment.MachineName}/{Environment.ProcessId}";

    private volatile LeaderTerm? _term;
    private volatile bool _standing;

    /// <summary>While this process leads, its term; null on standby.</summary>
    public LeaderTerm? Term => _term;

    public LeaderRole Role => _term is not null ? LeaderRole.Leading : _standing ? LeaderRole.Standby : LeaderRole.None;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        instruments.Observe(() => _term?.Epoch ?? 0);
        await gate.Opened.WaitAsync(stoppingToken);
        while (true)
        {
            try
            {
                await using var term = await election.WinAsync(Name, Holder, () => _standing = true, stoppingToken);
                await LeadAsync(term, stoppingToken);
            }
            catch (Exception exception) when (StoreFailures.IsPostgresAway(exception))
            {
                _standing = false;
                logger.ElectionPaused(exception.Message);
                await Task.Delay(LeaderElection.Interval, time, stoppingToken);
            }
        }
    }

    private async Task LeadAsync(LeaderTerm term, CancellationToken stoppingToken)
    {
        try
        {
            _standing = false;
            _term = term;
            logger.Elected(term.Epoch);
            logger.LeadershipEnded(await term.Ended.WaitAsync(stoppingToken), term.Epoch);
        }
        finally
        {
            _term = null;
        }
    }
}
