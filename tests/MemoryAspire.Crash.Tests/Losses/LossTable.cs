using MemoryAspire.Crash.Tests.Stacks;

namespace MemoryAspire.Crash.Tests.Losses;

/// <summary>What a loss led to, in words that are the same every time.</summary>
/// <param name="Read">Who answered a session read with a token meanwhile, and what the answer said was degraded.</param>
/// <param name="Write">What a write said of Redis meanwhile.</param>
/// <param name="After">Who answered a session read with that write's token.</param>
internal sealed record LossRow(string Loss, string Read, string Write, string After)
{
    public override string ToString() => $"| {Loss} | {Read} | {Write} | {After} |";
}

/// <summary>The table of docs/redis-loss.md.</summary>
internal static class LossTable
{
    private const string Title =
        """
        | what happens to Redis | a session read with a token, meanwhile | a write says of Redis | a session read with that write's token |
        |---|---|---|---|
        """;

    public static DocumentedTable<string, LossRow> Open() => new("redis-loss.md", "losses", Title, LossTests.All);
}
