using System.Diagnostics.Metrics;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Faiss;
using MemoryAspire.Index.Events;
using MemoryAspire.Index.Memories;
using MemoryAspire.Index.Reservations;
using MemoryAspire.Index.Searching;
using MemoryAspire.Index.Segments;
using MemoryAspire.Index.Snapshots;
using MemoryAspire.Index.Volumes;
using Microsoft.Extensions.Logging;

namespace MemoryAspire.Index;

/// <summary>
/// Memories by the meaning of their vectors: events go in, in the order of each partition's log, and the k
/// nearest come out. Searches take no lock. All of it can be had again from the log; a snapshot only saves time.
/// </summary>
public sealed partial class SemanticIndex : IAsyncDisposable
{
    private readonly IndexOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly IVolume _volume;
    private readonly DirectoryLock _lock;
    private readonly IndexInstruments _instruments;
    private readonly SemaphoreSlim _writer = new(1);
    private readonly SnapshotKeeper _keeper;
    private readonly GraphKeeper _graphs;
    private readonly GraphLinker _linker;
    private IndexContents? _contents;
    private bool _disposed;

    private SemanticIndex(IndexOptions options, TimeProvider time, IMeterFactory meters, ILogger logger, Func<IVolume, IVolume> around)
    {
        _options = options;
        _time = time;
        _logger = logger;
        _lock = new DirectoryLock(options.Directory);
        _volume = around(new DirectoryVolume(options.Directory));
        _instruments = new IndexInstruments(meters, () => Status.Vectors);
        _keeper = new SnapshotKeeper(_volume, _writer, () => _contents, options.SnapshotInterval, time, logger);
        _graphs = new GraphKeeper(_writer, () => _contents, options, logger);
        _linker = new GraphLinker(() => Volatile.Read(ref _contents), options.UnlinkedMax, logger);
    }

    /// <summary>Takes the directory. The index is of use from <see cref="LoadAsync"/> on.</summary>
    /// <exception cref="IndexDirectoryInUseException">Another process works there.</exception>
    public static SemanticIndex Open(IndexOptions options, TimeProvider time, IMeterFactory meters, ILogger<SemanticIndex> logger) =>
        Open(options, time, meters, logger, volume => volume);

    internal static SemanticIndex Open(IndexOptions options, TimeProvider time, IMeterFactory meters, ILogger logger, Func<IVolume, IVolume> around) =>
        new(options, time, meters, logger, around);

    /// <summary>True once the snapshot has been read, or found to be unusable.</summary>
    public bool IsLoaded { get; private set; }

    /// <summary>What the index is of; null while it is of nothing.</summary>
    public IndexIdentity? Identity => Volatile.Read(ref _contents)?.Identity;

    /// <summary>How far each partition has come, and how much there is.</summary>
    public IndexStatus Status
    {
        get
        {
            if (Volatile.Read(ref _contents) is not { } contents) return new IndexStatus(null, IsLoaded, new PartitionState[Partition.Count], 0, 0);
            var (partitions, memories, vectors) = contents.Status();
            return new IndexStatus(contents.Identity, IsLoaded, partitions, memories, vectors);
        }
    }

    /// <summary>Reads the snapshot. One that is damaged or of another version counts as none.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        await using var writing = await WriteAsync(cancellationToken);
        Volatile.Write(ref _contents, SnapshotLoading.TryLoad(_volume, _options, _logger));
        IsLoaded = true;
        _keeper.Start();
    }

    /// <summary>Makes the index one of this identity: what it holds of another is dropped.</summary>
    public async Task AdoptAsync(IndexIdentity identity, CancellationToken cancellationToken)
    {
        if (Identity == identity) return;
        await using var writing = await WriteAsync(cancellationToken);
        if (Identity != identity) Begin(identity);
    }

    /// <summary>Drops everything; the identity stays, and every partition is at its beginning.</summary>
    public async Task ClearAsync(CancellationToken cancellationToken)
    {
        await using var writing = await WriteAsync(cancellationToken);
        if (Identity is { } identity) Begin(identity);
    }

    /// <summary>
    /// Whether the index will take transactions that are about to be committed: for each, in their order, null or why
    /// not. What it will take it does not refuse for capacity within 30 s. Waits for no writer.
    /// </summary>
    /// <exception cref="IndexIdentityException">The index holds another generation or database.</exception>
    public IReadOnlyList<string?> Prepare(Incarnation incarnation, long generation, IReadOnlyList<VectorProposal> proposals) =>
        Require(incarnation, generation).Promises.Prepare(proposals, _time);

    /// <summary>
    /// Keeps room, for 60 s, for vectors that a holder may bring without asking for each; returns for how many of those it
    /// wants. Waits for no writer.
    /// </summary>
    /// <exception cref="IndexIdentityException">The index holds another generation or database.</exception>
    public int Lease(Incarnation incarnation, long generation, Guid holder, int wanted) => Require(incarnation, generation).Promises.Lease(holder, wanted, _time);

    /// <summary>Gives up what was promised to transactions.</summary>
    /// <exception cref="IndexIdentityException">The index holds another generation or database.</exception>
    public void Abort(Incarnation incarnation, long generation, IEnumerable<Guid> transactions) => Require(incarnation, generation).Promises.Abort(transactions);

    /// <summary>
    /// Tells all the events of decided transactions: what was promised to them beyond these is given up; those that nothing
    /// was promised to draw on the holder's lease.
    /// </summary>
    /// <exception cref="IndexIdentityException">The index holds another generation or database.</exception>
    public void Settle(Incarnation incarnation, long generation, IEnumerable<Guid> transactions, IReadOnlyList<IndexEvent> events, Guid? holder = null) =>
        Require(incarnation, generation).Promises.Settle(transactions, events, holder, _time);

    /// <summary>
    /// Applies events in order of their positions; early ones wait, late ones are ignored. What can be applied is
    /// searchable when this returns, all of it in one step. A transaction's events in a partition must come together.
    /// </summary>
    /// <exception cref="IndexIdentityException">The index holds another generation or database.</exception>
    /// <exception cref="ArgumentException">A vector is wrong; nothing was applied.</exception>
    /// <exception cref="CapacityExceededException">The index is full; what came before is applied.</exception>
    public async Task ApplyAsync(Incarnation incarnation, long generation, IReadOnlyList<IndexEvent> events, CancellationToken cancellationToken)
    {
        await using var writing = await WriteAsync(cancellationToken);
        var contents = Require(incarnation, generation);
        foreach (var state in events.Select(@event => @event.State).OfType<IndexedState>().Where(state => !state.Vector.IsEmpty))
        {
            if (VectorCheck.Problem(state.Vector.Span, contents.Identity.Dimension) is { } problem) throw new ArgumentException(problem, nameof(events));
        }

        contents.Apply(events, () => _graphs.RebuildNow(contents));
        _graphs.Tidy(contents);
        _linker.Added(contents, events.Count);
    }

    /// <summary>True once a partition has come to a position; false after the timeout, or when the index was begun anew.</summary>
    public ValueTask<bool> WaitAsync(Partition partition, Position position, TimeSpan timeout, CancellationToken cancellationToken) =>
        Volatile.Read(ref _contents) is { } contents
            ? contents.Waiters.WaitAsync(partition, position, contents.Applied, timeout, _time, cancellationToken)
            : ValueTask.FromResult(position <= Position.None);

    /// <summary>The nearest memories. If k qualify, k are returned.</summary>
    /// <exception cref="IndexIdentityException">The index holds another generation or database.</exception>
    /// <exception cref="ArgumentException">The vector is wrong, or k is.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled: a search ends within its loop.</exception>
    public SearchResult Search(Incarnation incarnation, long generation, SearchQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(query.K, 1);
        var contents = Require(incarnation, generation);
        if (query.Vector.Length != contents.Identity.Dimension) throw new ArgumentException($"A vector has {contents.Identity.Dimension} dimensions.", nameof(query));
        var begun = _time.GetTimestamp();
        var named = default(NamedRows);
        var view = query.Ids is null ? contents.TakeView() : contents.TakeView(query.Ids, out named);
        try
        {
            var searcher = new Searcher(_options, contents.Texts, contents.Costs);
            var now = Microseconds.From(_time.GetUtcNow());
            var result = query.Ids is null ? searcher.Search(view, query, now, cancellationToken) : searcher.Search(view, query, now, named, cancellationToken);
            _instruments.Searched(result.Path, _time.GetElapsedTime(begun));
            // Read after the search: never less than what it saw.
            return result with { Seen = contents.Seen(query.Tenant, query.Scope) };
        }
        finally
        {
            view.GiveBack();
        }
    }

    /// <summary>What the index holds of a memory; null when nothing.</summary>
    public IndexedEntry? Find(MemoryId id) =>
        Volatile.Read(ref _contents)?.Find(id) is { } memory ? new IndexedEntry(memory.Version, memory.Digest, memory.Row >= 0) : null;

    /// <summary>Writes a snapshot now, if anything changed. False when the disk refused; the former one then stands.</summary>
    public Task<bool> SnapshotAsync(CancellationToken cancellationToken) => _keeper.WriteAsync(cancellationToken);

    /// <summary>
    /// Writes the files anew without what had been removed when this was called: afterwards no vector of it is in the directory.
    /// False when the disk refused.
    /// </summary>
    public async Task<bool> PurgeAsync(CancellationToken cancellationToken)
    {
        await _graphs.LeaveDeadBehindAsync(cancellationToken);
        return await _keeper.WriteAnewAsync(cancellationToken);
    }

    /// <summary>Writes what changed, and leaves the directory.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed) return;
        _disposed = true;
        _linker.Dispose();
        await _graphs.DisposeAsync();
        await _keeper.DisposeAsync();
        Interlocked.Exchange(ref _contents, null)?.Close();
        _lock.Dispose();
        _writer.Dispose();
    }

    private void Begin(IndexIdentity identity)
    {
        var former = _contents;
        Volatile.Write(ref _contents, new IndexContents(identity, _options));
        former?.Close();
        _logger.Begun(identity.Incarnation.ToString(), identity.Generation, identity.Dimension);
    }

    private IndexContents Require(Incarnation incarnation, long generation)
    {
        var contents = Volatile.Read(ref _contents) ?? throw new IndexIdentityException("The index holds no generation yet.");
        return contents.Identity.Incarnation == incarnation && contents.Identity.Generation == generation
            ? contents
            : throw new IndexIdentityException($"The index holds generation {contents.Identity.Generation} of database {contents.Identity.Incarnation}.");
    }

    private ValueTask<WriterTurn> WriteAsync(CancellationToken cancellationToken) => WriterTurn.TakeAsync(_writer, cancellationToken);
}
