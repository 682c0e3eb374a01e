using System.CommandLine;

namespace MemoryAspire.Cli.Commands;

/// <summary>What needs a key with the grant <c>admin</c>.</summary>
internal static class AdminCommand
{
    public static Command Create(CommonOptions common, Surroundings surroundings) =>
        new("admin", "Looks after the service; needs a key with the grant admin.") 
        {
            CheckCommand.Create(common, surroundings),
            ReconcileCommand.Create(common, surroundings),
            RebuildCommand.Create(common, surroundings),
        };
}
