using MemoryAspire.AppHost.Stacks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MemoryAspire.AppHost.Supervision;

internal static class FatalProblems
{
    /// <summary>Prepares a resource. What only a person can put right ends the whole stack with its reason, instead of being tried for ever.</summary>
    public static async Task OrEndStackAsync(this BeforeResourceStartedEvent started, Func<ILogger, Task> prepare)
    {
        var logger = started.Services.GetRequiredService<ResourceLoggerService>().GetLogger(started.Resource);
        try
        {
            await prepare(logger);
        }
        catch (Exception problem) when (problem is StackProblem or IOException or UnauthorizedAccessException)
        {
            Log.CannotGoOn(logger, problem.Message);
            await Console.Error.WriteLineAsync($"MemoryAspire cannot start: {problem.Message}");
            Environment.ExitCode = 1;
            started.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
            throw;
        }
    }
}
