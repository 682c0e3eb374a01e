namespace MemoryAspire.Coordination.Groups;

/// <summary>
/// What waits for a lane: bounded, one queue per tenant, served in turns, so that a tenant's flood delays that tenant
/// alone. What is counted is operations, since those take the memory.
/// </summary>
internal sealed class WriteQueue(int waitingMax, int waitingPerTenantMax) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, TenantQueue> _tenants = new(StringComparer.Ordinal);
    private readonly LinkedList<string> _turns = [];
    private readonly SemaphoreSlim _filled = new(0, 1);
    private int _waiting;
    private bool _closed;

    private sealed class TenantQueue : Queue<PendingWrite>
    {
        public int Operations { get; set; }
    }

    /// <summary>Operations that wait.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock) return _waiting;
        }
    }

    /// <summary>False when the tenant, or all of them together, have too many waiting.</summary>
    public bool TryAdd(PendingWrite write)
    {
        lock (_lock)
        {
            var tenant = write.Transaction.Tenant;
            var operations = write.Transaction.Operations.Count;
            if (_closed) return false;
            if (_waiting > 0 && _waiting + operations > waitingMax) return false;
            if (!_tenants.TryGetValue(tenant, out var queue))
            {
                _tenants.Add(tenant, queue = new());
                _turns.AddLast(tenant);
            }

            if (queue.Count > 0 && queue.Operations + operations > waitingPerTenantMax) return false;
            queue.Enqueue(write);
            queue.Operations += operations;
            _waiting += operations;
            if (_filled.CurrentCount == 0) _filled.Release();
            return true;
        }
    }

    /// <summary>Takes nothing more.</summary>
    public void Close()
    {
        lock (_lock) _closed = true;
    }

    public void Dispose() => _filled.Dispose();

    /// <summary>Returns when something may be waiting.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => _filled.WaitAsync(cancellationToken);

    /// <summary>
    /// Takes a group: one write of each tenant in turn, up to so many operations, but at least one write, whatever its
    /// size; no two with the same idempotency key. Empty when nothing waits.
    /// </summary>
    public List<PendingWrite> Take(int operationsMax)
    {
        lock (_lock)
        {
            var group = new List<PendingWrite>();
            var keys = new HashSet<(string Tenant, string Key)>();
            var operations = 0;
            var passes = 0;
            while (_turns.First is { } turn && passes < _turns.Count)
            {
                _turns.RemoveFirst();
                var queue = _tenants[turn.Value];
                var next = queue.Peek();
                var size = next.Transaction.Operations.Count;
                var fits = group.Count == 0 || operations + size <= operationsMax;
                if (fits && (next.Transaction.Key is not { } key || keys.Add((turn.Value, key.Text))))
                {
                    passes = 0;
                    operations += size;
                    queue.Operations -= size;
                    _waiting -= size;
                    group.Add(queue.Dequeue());
                }
                else
                {
                    passes++;
                }

                if (queue.Count > 0) _turns.AddLast(turn);
                else _tenants.Remove(turn.Value);
            }

            if (_waiting > 0 && _filled.CurrentCount == 0) _filled.Release();
            return group;
        }
    }
}
