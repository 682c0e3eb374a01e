using System.Diagnostics;
using System.Globalization;
using MemoryAspire.AppHost.Stacks;

namespace MemoryAspire.AppHost.Commands;

/// <summary>Returns when the API is healthy, or says why it will not be.</summary>
internal static class WaitCommand
{
    private static readonly TimeSpan PatienceMax = TimeSpan.FromSeconds(175);

    /// <param name="starter">The process that starts the stack: when it ends before the stack runs, there is nothing to wait for.</param>
    public static int Run(string directory, string? starter)
    {
        var patience = Stopwatch.StartNew();
        using var never = new ManualResetEventSlim();
        while (patience.Elapsed < PatienceMax)
        {
            var stack = DataDirectoryLock.RunningHost(directory) is null ? null : StackFile.Read(directory);
            if (stack?.Resources.FirstOrDefault(resource => resource.Name == "memory-api") is { Health: "Healthy", Endpoints: [var url, ..] })
            {
                var key = Environment.GetEnvironmentVariable(Secrets.ApiKeyVariable) is { Length: > 0 } given ? given : new Secrets(directory).TryGet(Secrets.ApiKey);
                Console.Out.WriteLine(Announcement.For(url, key ?? "", directory));
                return 0;
            }

            if (!IsAlive(starter))
            {
                Console.Error.WriteLine("The stack ended before it was ready.");
                return 1;
            }

            never.Wait(TimeSpan.FromMilliseconds(100));
        }

        Console.Error.WriteLine($"The API was not healthy within {PatienceMax.TotalSeconds:0} s:");
        StatusCommand.Run(directory, json: false);
        return 1;
    }

    private static bool IsAlive(string? starter)
    {
        if (!int.TryParse(starter, CultureInfo.InvariantCulture, out var pid)) return true;
        try
        {
            using var process = Process.GetProcessById(pid);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
