using Aspire.Hosting.Orchestration;

namespace Aspire.Hosting.ApplicationModel;

public sealed class ExecuteCommandResult
{
    public required bool Success { get; init; }

    public string? ErrorMessage { get; init; }
}

public static class KnownResourceCommands
{
    public static readonly string StartCommand = "start";
    public static readonly string StopCommand = "stop";
    public static readonly string RestartCommand = "restart";
}

/// <summary>Starts, stops and restarts single resources of a running application.</summary>
public class ResourceCommandService
{
    private readonly Orchestrator orchestrator;

    internal ResourceCommandService(Orchestrator orchestrator) => this.orchestrator = orchestrator;

    public Task<ExecuteCommandResult> ExecuteCommandAsync(IResource resource, string commandName, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return ExecuteCommandAsync(resource.Name, commandName, cancellationToken);
    }

    public async Task<ExecuteCommandResult> ExecuteCommandAsync(string resourceId, string commandName, CancellationToken cancellationToken = default)
    {
        if (orchestrator.Find(resourceId) is not { } runner)
            return Failure($"There is no resource '{resourceId}' that can be started and stopped.");
        switch (commandName)
        {
            case "start":
                runner.Start();
                break;
            case "stop":
                await runner.StopAsync(cancellationToken);
                break;
            case "restart":
                await runner.StopAsync(cancellationToken);
                runner.Start();
                break;
            default:
                return Failure($"The resource '{resourceId}' has no command '{commandName}'.");
        }

        return new() { Success = true };
    }

    private static ExecuteCommandResult Failure(string message) => new() { Success = false, ErrorMessage = message };
}
