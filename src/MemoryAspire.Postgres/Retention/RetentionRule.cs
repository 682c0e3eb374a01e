namespace MemoryAspire.Postgres.Retention;

/// <summary>Which states the log gives up after a time. The events stay, so the chain and all positions do.</summary>
public enum RetentionRule
{
    /// <summary>All states of a memory that was deleted or expired so long ago.</summary>
    Deleted,

    /// <summary>States that another one replaced so long ago.</summary>
    Superseded,
}

/// <summary>What one step of retention did.</summary>
/// <param name="Looked">Events that were looked at; fewer than asked for means that nothing is left to do.</param>
/// <param name="Compacted">Events whose state was taken.</param>
/// <param name="Vectors">Vectors that no state refers to any more.</param>
public readonly record struct RetentionStep(int Looked, long Compacted, long Vectors);
