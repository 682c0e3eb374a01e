namespace MemoryAspire.Cli;

/// <summary>What the process says when it ends; also in docs/cli.md.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>The service refused, a part of an import failed, a rebuild met a log that is not whole, or the tiers differ still.</summary>
    public const int Refused = 1;

    /// <summary>The command line or the configuration is wrong; nothing was sent.</summary>
    public const int Usage = 2;

    /// <summary>The service did not answer.</summary>
    public const int Unreachable = 3;

    public const int Cancelled = 130;
}
