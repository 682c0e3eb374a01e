namespace Aspire.Hosting.Processes;

/// <summary>Everything that is needed to start one process.</summary>
internal sealed record LaunchPlan(
    string Command,
    IReadOnlyList<string> Arguments,
    string WorkingDirectory,
    IReadOnlyDictionary<string, string> Environment)
{
    /// <summary>PostgreSQL waits for its clients to leave on SIGTERM; its orderly shutdown that does not is SIGINT.</summary>
    public int StopSignal { get; } =
        Arguments.Prepend(Command).Any(word => Path.GetFileName(word) == "postgres") ? Signals.Interrupt : Signals.Terminate;
}
