using MemoryAspire.Contracts.Memories;
using MemoryAspire.Coordination;

namespace MemoryAspire.Api.Memories;

/// <summary>The answer to a write: the memory as it now is, and which tiers have it.</summary>
internal sealed record WrittenMemory(Memory Memory, Tiers Tiers);

/// <summary>Each <c>applied</c>, or <c>pending</c>: the tier gets it by following the log.</summary>
internal sealed record Tiers(string Postgres, string Redis, string Index)
{
    /// <summary>The header with the same on every answer to a write.</summary>
    public const string Header = "Memory-Tiers";

    public static Tiers Of(TierStates states) => new(TierStates.Text(true), TierStates.Text(states.Redis), TierStates.Text(states.Index));
}
