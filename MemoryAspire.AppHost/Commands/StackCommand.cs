using MemoryAspire.AppHost.Stacks;

namespace MemoryAspire.AppHost.Commands;

/// <summary>What is asked of a stack that runs already, by <c>./run.sh --status</c> and its like.</summary>
internal static class StackCommand
{
    /// <summary>The exit code, or null when the arguments ask for none of these and the stack is to be run.</summary>
    public static int? Handle(string[] args)
    {
        if (args is not [var command, .. var rest]) return null;
        return command switch
        {
            "--status" => StatusCommand.Run(Directory(), json: rest.Contains("--json")),
            "--stop" => StopCommand.Run(Directory()),
            "--connection" => ConnectionCommand.Run(Directory(), rest.FirstOrDefault()),
            "--wait" => WaitCommand.Run(Directory(), rest.FirstOrDefault()),
            "--vacant" => VacantCommand.Run(Directory()),
            "--data-directory" => Print(Directory()),
            _ => null,
        };
    }

    private static string Directory() => DataDirectory.Choose(Environment.GetEnvironmentVariable(DataDirectory.Variable));

    private static int Print(string line)
    {
        Console.Out.WriteLine(line);
        return 0;
    }
}
