using MemoryAspire.Contracts.Identity;

namespace MemoryAspire.Redis.Intents;

/// <summary>A transaction is about to change a memory: until it is released, readers of the memory go to PostgreSQL.</summary>
public readonly record struct Intent(MemoryId Memory, Guid Transaction);
