using MemoryAspire.Contracts.Positions;
using MemoryAspire.Reconciliation.Reports;
using MemoryAspire.Redis.Repair;

namespace MemoryAspire.Reconciliation.Values;

/// <summary>Compares the values of Redis with the rows, in small steps of SCAN, and takes out what is wrong.</summary>
public sealed class ValueReconciliation(ValueScan scan, ValueRepair repair, TimeProvider time)
{
    /// <param name="stepped">Called after each step with about how much is done, 0..1.</param>
    /// <exception cref="StackExchange.Redis.RedisException">Redis cannot be reached.</exception>
    public async Task RunAsync(Incarnation incarnation, double cpuShare, bool compareOnly, Tally tally, Func<double, Task> stepped, CancellationToken cancellationToken)
    {
        var all = Math.Max(1, await scan.CountAsync());
        var seen = 0L;
        var budget = new CpuBudget(cpuShare, time);
        await foreach (var keys in scan.RunAsync(cancellationToken))
        {
            Count(await repair.RunAsync(keys, incarnation, !compareOnly, cancellationToken), tally);
            seen += keys.Count;
            await stepped(Math.Min(1.0, (double)seen / all));
            await budget.StepAsync(cancellationToken);
        }
    }

    public static void Count(ValueFindings findings, Tally tally)
    {
        tally.Compared(Kinds.Redis, findings.Compared);
        tally.Moved(Kinds.Redis, findings.Bytes);
        foreach (var fault in findings.Faults.GroupBy(fault => fault)) tally.Found(Kinds.Redis, KindOf(fault.Key), fault.Count());
        tally.Repaired(Kinds.Redis, findings.Repaired);
    }

    private static string KindOf(ValueFault fault) => fault switch
    {
        ValueFault.Orphan => Kinds.Orphan,
        ValueFault.Stale => Kinds.Stale,
        ValueFault.Changed => Kinds.Changed,
        ValueFault.Damaged => Kinds.Damaged,
        _ => Kinds.Endless,
    };
}
