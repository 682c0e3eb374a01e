using System.Globalization;
using System.Text.Json;
using MemoryAspire.AppHost.Stacks;

namespace MemoryAspire.AppHost.Commands;

internal static class StatusCommand
{
    public static int Run(string directory, bool json)
    {
        var stack = DataDirectoryLock.RunningHost(directory) is null ? null : StackFile.Read(directory);
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(stack?.Resources ?? [], StackJson.Default.IReadOnlyListResourceEntry));
            return 0;
        }

        if (stack is null)
        {
            Console.Out.WriteLine($"No stack runs on {directory}.");
            return 0;
        }

        Console.Out.WriteLine($"The process {stack.Pid} runs the stack on {directory}.");
        foreach (var resource in stack.Resources)
        {
            var pid = resource.Pid?.ToString(CultureInfo.InvariantCulture) ?? "-";
            Console.Out.WriteLine($"{resource.Name,-14} {resource.Kind,-10} {pid,8}  {resource.State,-12} {resource.Health ?? "-",-10} {string.Join(' ', resource.Endpoints)}");
        }

        return 0;
    }
}
