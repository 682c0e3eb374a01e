using MemoryAspire.Coordination.Database;
using MemoryAspire.Postgres.Writes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace MemoryAspire.Coordination.Groups;

/// <summary>The lanes, and which of them a transaction takes: that of its first operation's partition.</summary>
public sealed class WriteLanes : BackgroundService
{
    /// <summary>How long a request waits for the first one with its idempotency key.</summary>
    private static readonly TimeSpan KeyPatience = TimeSpan.FromSeconds(2);

    /// <summary>Between two looks at a key that another process holds.</summary>
    private static readonly TimeSpan KeyPause = TimeSpan.FromMilliseconds(25);

    private readonly WriteLane[] _lanes;
    private readonly TimeProvider _time;

    internal WriteLanes(IOptions<WriteOptions> options, GroupCommit commit, GroupInstruments instruments, TimeProvider time)
    {
        _time = time;
        _lanes = [.. Enumerable.Range(0, options.Value.Lanes).Select(_ => new WriteLane(options.Value, commit, instruments))];
        instruments.ObserveWaiting(() => _lanes.Sum(lane => lane.Waiting));
    }

    /// <summary>Takes the transaction through its lane.</summary>
    internal async Task<Coordinated> CommitAsync(WriteTransaction transaction, DatabaseState database, CancellationToken cancellationToken)
    {
        var lane = _lanes[transaction.Operations[0].Id.Partition.Value * _lanes.Length / Contracts.Identity.Partition.Count];
        var began = _time.GetTimestamp();
        while (true)
        {
            var pending = new PendingWrite(transaction, database, _time.GetTimestamp(), cancellationToken);
            if (!lane.TryAdd(pending)) return new Coordinated(new WriteOutcome.Overloaded(), TierStates.None);
            var coordinated = await pending.Outcome;

            // Somebody else holds the key. Nothing was stored, so the transaction may come again.
            if (coordinated.Outcome is not WriteOutcome.KeyInFlight || _time.GetElapsedTime(began) >= KeyPatience) return coordinated;
            await Task.Delay(KeyPause, _time, cancellationToken);
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        foreach (var lane in _lanes) lane.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(_lanes.Select(lane => lane.RunAsync(stoppingToken)));
}
