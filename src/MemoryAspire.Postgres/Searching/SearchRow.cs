using MemoryAspire.Contracts.Identity;

namespace MemoryAspire.Postgres.Searching;

/// <summary>What ranking needs of one memory.</summary>
/// <param name="Group">Equal for memories of the same tenant, user, agent and session.</param>
/// <param name="Position">Orders what was created at the same time.</param>
/// <param name="Matches">False: it is only there because it stands beside others.</param>
/// <param name="Length">Different words of the content.</param>
/// <param name="Ranks">
/// For each term PostgreSQL's rank of the content, 0 where it is not in it; null when none is, or not all that are required.
/// </param>
public sealed record SearchRow(
    MemoryId Id,
    long Version,
    bool HasVector,
    long Group,
    DateTimeOffset CreatedAt,
    long Position,
    DateTimeOffset UpdatedAt,
    double Importance,
    bool Matches,
    int Length,
    float[]? Ranks);
