using System.Diagnostics.Metrics;

namespace MemoryAspire.Api.Sessions;

/// <summary>What is counted about sessions.</summary>
internal sealed class SessionInstruments(IMeterFactory meters)
{
    private readonly Counter<long> _promoted = meters.Create("MemoryAspire.Api").CreateCounter<long>(
        "memory.sessions.promoted", "{memory}", "Memories made of the messages of sessions that expired.");

    public void Promoted(int memories) => _promoted.Add(memories);
}
