namespace MemoryAspire.TestStores;

/// <summary>A server did not start; the message ends with what it said.</summary>
public sealed class StoreStartException(string message) : Exception(message);
