using System.Diagnostics;

namespace MemoryAspire.TestStores.Processes;

/// <summary>Runs a short program to its end; a failure carries what it said.</summary>
internal static class StoreCommand
{
    public static async Task RunAsync(params string[] command)
    {
        var info = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        using var process = await Launcher.StartAsync(info);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new StoreStartException(
                $"{string.Join(' ', command)} ended with {process.ExitCode}:{Environment.NewLine}{await error}{await output}");
        }
    }
}
