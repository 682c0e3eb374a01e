using MemoryAspire.Contracts.Positions;

namespace MemoryAspire.Api.Caching.Hot;

/// <summary>What this process knows of one partition. It is changed under the lock; <see cref="Followed"/> by the one who follows only.</summary>
internal sealed class HeldPartition
{
    private long _followed;
    private long _generation;

    public Lock Lock { get; } = new();

    /// <summary>Every entry reflects the log up to here.</summary>
    public Position Followed
    {
        get => new(Volatile.Read(ref _followed));
        set => Volatile.Write(ref _followed, value.Value);
    }

    /// <summary>The highest position met; what reflects less may not be taken in.</summary>
    public Position Met { get; set; }

    /// <summary>Entries of another number do not count.</summary>
    public long Generation
    {
        get => Volatile.Read(ref _generation);
        set => Volatile.Write(ref _generation, value);
    }

    /// <summary>When the last entry came, as a timestamp; null: none ever.</summary>
    public long? TakenAt { get; set; }
}
