using MemoryAspire.Contracts.Identity;

namespace MemoryAspire.Redis.Sessions;

/// <summary>Whose session, and what it is called.</summary>
public readonly record struct SessionName(string Tenant, string Name)
{
    internal Partition Partition => Partition.Of(Tenant, Name);
}
