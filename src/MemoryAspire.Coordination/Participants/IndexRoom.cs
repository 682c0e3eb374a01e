using Google.Protobuf;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Coordination.Database;
using MemoryAspire.ServiceDefaults.Resilience;
using Microsoft.Extensions.Logging;
using Index = MemoryAspire.Contracts.Index;

namespace MemoryAspire.Coordination.Participants;

/// <summary>
/// Room in the index that this process has leased in advance. A vector that fits in it needs no vote: the index would say
/// yes, and a lease renewed beside the writes spares each of them a round trip. Without room the index is asked as ever.
/// </summary>
public sealed class IndexRoom(Index.MemoryIndex.MemoryIndexClient client, StorePipelines pipelines, TimeProvider time, ILogger<IndexRoom> logger)
{
    /// <summary>How long a lease is counted on. The index keeps it for a minute: the rest is for writes that are under way.</summary>
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan RenewAfter = TimeSpan.FromSeconds(10);

    private const int WantedMin = 64;

    private const int WantedMax = 4_096;

    private readonly Lock _lock = new();
    private DatabaseState? _of;
    private int _places;
    private int _wanted = WantedMin;
    private long _leasedAt;
    private Task _renewal = Task.CompletedTask;

    /// <summary>Who leases: this process, as long as it lives.</summary>
    public ByteString Holder { get; } = Guid.CreateVersion7(time.GetUtcNow()).ToBytes();

    /// <summary>Completes when the renewal under way is over.</summary>
    internal Task Renewed
    {
        get
        {
            lock (_lock) return _renewal;
        }
    }

    /// <summary>
    /// True when all these vectors can be taken: each can be compared, and there are leased places for them, which are
    /// theirs now. Empty vectors need none.
    /// </summary>
    public bool TryTake(DatabaseState database, IReadOnlyCollection<ReadOnlyMemory<byte>> vectors)
    {
        var places = 0;
        foreach (var vector in vectors)
        {
            if (vector.IsEmpty) continue;
            if (VectorCheck.Problem(vector.Span, database.Generation.Dimension) is not null) return false;
            places++;
        }

        lock (_lock)
        {
            var leased = IsOf(database) && Age < Life ? _places : 0;
            var fits = places <= leased;
            if (fits) _places = leased - places;
            if (_renewal.IsCompleted && (!fits || _places < _wanted / 2 || Age >= RenewAfter)) _renewal = RenewAsync(database, Wanted(places));
            return fits;
        }
    }

    private TimeSpan Age => time.GetElapsedTime(_leasedAt);

    private bool IsOf(DatabaseState database) =>
        _of is { } of && of.Incarnation == database.Incarnation && of.Generation.Number == database.Generation.Number;

    /// <summary>Twice as much when it is used up before its time, half when it is hardly used. Needs the lock.</summary>
    private int Wanted(int places) =>
        _wanted = Math.Clamp(Math.Max(_places < _wanted / 2 ? _wanted * 2 : _wanted / 2, places * 2), WantedMin, WantedMax);

    private async Task RenewAsync(DatabaseState database, int wanted)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var request = new Index.LeaseRequest
        {
            Incarnation = database.Incarnation.Value,
            Generation = database.Generation.Number,
            Holder = Holder,
            Wanted = (uint)wanted,
        };
        var begun = time.GetTimestamp();
        try
        {
            var reply = await pipelines.IndexApply.ExecuteAsync(async token => await client.LeaseAsync(request, cancellationToken: token));
            Add(database, (int)reply.Granted, begun);
        }
        catch (Exception exception)
        {
            lock (_lock) _places = 0;
            if (IndexParticipant.CannotServe(exception)) logger.NoRoomLeased(exception.Message);
            else logger.LeaseFailed(exception);
        }
    }

    private void Add(DatabaseState database, int granted, long begun)
    {
        lock (_lock)
        {
            if (IsOf(database) && Age < RenewAfter) _places += granted;
            else (_of, _places, _leasedAt) = (database, granted, begun); // What is left of an old lease is counted on no more.
        }
    }
}
