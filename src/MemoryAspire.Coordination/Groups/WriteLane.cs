using MemoryAspire.Postgres.Writes;

namespace MemoryAspire.Coordination.Groups;

/// <summary>
/// One queue and the loop that empties it: what waits while a group is being decided is the next group. A group's
/// participants are told while the next one is being decided.
/// </summary>
internal sealed class WriteLane(WriteOptions options, GroupCommit commit, GroupInstruments instruments) : IDisposable
{
    private readonly WriteQueue _queue = new(options.WaitingMax, options.WaitingPerTenantMax);
    private readonly SemaphoreSlim _unfinished = new(options.UnfinishedMax);

    public int Waiting => _queue.Waiting;

    public bool TryAdd(PendingWrite write) => _queue.TryAdd(write);

    /// <summary>Runs until stopped; what waits then is refused, and what is under way is finished.</summary>
    public async Task RunAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await _queue.WaitAsync(stoppingToken);
                await NextAsync();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            _queue.Close();
            while (_queue.Take(options.GroupOperationsMax) is { Count: > 0 } refused)
            {
                foreach (var write in refused) write.Settle(new WriteOutcome.Overloaded(), TierStates.None);
            }

            for (var place = 0; place < options.UnfinishedMax; place++) await _unfinished.WaitAsync(CancellationToken.None);
        }
    }

    public void Dispose()
    {
        _queue.Dispose();
        _unfinished.Dispose();
    }

    private async Task NextAsync()
    {
        var group = _queue.Take(options.GroupOperationsMax);
        foreach (var abandoned in group.Where(write => write.IsAbandoned)) abandoned.Abandon();
        group.RemoveAll(write => write.IsAbandoned);
        if (group.Count == 0) return;

        await _unfinished.WaitAsync(CancellationToken.None);
        instruments.Gathered(group);
        _ = FinishAsync(await commit.DecideAsync(group));
    }

    private async Task FinishAsync(Task finish)
    {
        try
        {
            await finish;
        }
        finally
        {
            _unfinished.Release();
        }
    }
}
