using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;

namespace MemoryAspire.Index.Events;

/// <summary>Callers that wait for positions; the writer signals them.</summary>
internal sealed class PositionWaiters
{
    private readonly Lock _lock = new();
    private readonly List<Waiter>?[] _waiting = new List<Waiter>?[Partition.Count];
    private bool _closed;

    private sealed record Waiter(Position Position, TaskCompletionSource<bool> Reached);

    /// <summary>True once the position is reached; false after the timeout, or when the index is reset or closed.</summary>
    public async ValueTask<bool> WaitAsync(
        Partition partition, Position position, Func<Partition, Position> applied, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        if (applied(partition) >= position) return true;
        if (timeout <= TimeSpan.Zero) return false;
        var waiter = new Waiter(position, new(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (_lock)
        {
            if (_closed) return false;
            (_waiting[partition.Value] ??= []).Add(waiter);
        }

        try
        {
            // Reached between the first look and the registration: nobody would signal it.
            if (applied(partition) >= position) return true;
            return await waiter.Reached.Task.WaitAsync(timeout, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return applied(partition) >= position;
        }
        finally
        {
            lock (_lock) _waiting[partition.Value]?.Remove(waiter);
        }
    }

    public void Signal(Partition partition, Position applied)
    {
        lock (_lock)
        {
            _waiting[partition.Value]?.RemoveAll(waiter => waiter.Position <= applied && waiter.Reached.TrySetResult(true));
        }
    }

    /// <summary>Sends everybody away: what they wait for will not come here.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
            foreach (var waiters in _waiting) waiters?.ForEach(waiter => waiter.Reached.TrySetResult(false));
        }
    }
}
