using System.Diagnostics;

namespace MemoryAspire.Coordination;

/// <summary>
/// The steps of a commit, each announced to whoever listens to the <see cref="DiagnosticListener"/> of this name, in the
/// thread that takes it: the places where a process may die, which tests make it do. Nobody listening costs a comparison.
/// </summary>
public static class CommitSteps
{
    public const string ListenerName = "MemoryAspire.Coordination";

    /// <summary>A group is formed; nothing was asked of any store.</summary>
    public const string Gathered = "gathered";

    /// <summary>The participants have voted.</summary>
    public const string Prepared = "prepared";

    /// <summary>The locks are held and the events made; the next thing sent is COMMIT, behind the statements.</summary>
    public const string Planned = "planned";

    /// <summary>COMMIT has answered.</summary>
    public const string Committed = "committed";

    /// <summary>All that is left is the answer.</summary>
    public const string Answering = "answering";

    /// <summary>A participant was told: <c>redis-applied</c>, <c>index-applied</c>.</summary>
    public static string AppliedIn(string tier) => $"{tier}-applied";

    private static readonly DiagnosticListener Listener = new(ListenerName);

    internal static void Reached(string step)
    {
        if (Listener.IsEnabled(step)) Listener.Write(step, null);
    }
}
