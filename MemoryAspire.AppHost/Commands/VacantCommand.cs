using MemoryAspire.AppHost.Stacks;

namespace MemoryAspire.AppHost.Commands;

/// <summary>Succeeds when no stack runs on the data directory, and else says which process does.</summary>
internal static class VacantCommand
{
    public static int Run(string directory)
    {
        if (DataDirectoryLock.RunningHost(directory) is null) return 0;
        Console.Error.WriteLine($"MemoryAspire cannot start: {DataDirectoryLock.InUse(directory)}");
        return 1;
    }
}
