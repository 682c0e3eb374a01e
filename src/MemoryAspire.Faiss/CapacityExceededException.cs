namespace MemoryAspire.Faiss;

/// <summary>What was to be added does not fit the capacity; nothing was changed.</summary>
public sealed class CapacityExceededException : Exception
{
    public CapacityExceededException()
    {
    }

    public CapacityExceededException(string message)
        : base(message)
    {
    }

    public CapacityExceededException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
