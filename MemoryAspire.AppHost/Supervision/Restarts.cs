using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MemoryAspire.AppHost.Supervision;

/// <summary>Starts again, with back-off, every resource that ended without having been told to.</summary>
internal sealed class Restarts(
    string directory, ResourceNotificationService notifications, ResourceCommandService commands, TimeProvider time, ILogger<Restarts> logger)
    : BackgroundService
{
    private readonly Dictionary<string, Seen> seen = [];
    private readonly HashSet<Task> pending = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var happened in notifications.WatchAsync(stoppingToken))
        {
            if (happened.Snapshot.IsHidden || happened.Snapshot.ResourceType is not ("Project" or "Executable" or "Container")) continue;
            Follow(happened, stoppingToken);
        }
    }

    private void Follow(ResourceEvent happened, CancellationToken stoppingToken)
    {
        if (!seen.TryGetValue(happened.ResourceId, out var one)) seen[happened.ResourceId] = one = new();
        var state = happened.Snapshot.State?.Text;
        if (state is null || state == one.State) return;
        var before = one.State;
        one.State = state;
        if (state == KnownResourceStates.Running) one.RunningSince = time.GetTimestamp();
        if (!KnownResourceStates.TerminalStates.Contains(state) || before == KnownResourceStates.Stopping) return;
        var ran = before == KnownResourceStates.Running ? time.GetElapsedTime(one.RunningSince) : TimeSpan.Zero;
        pending.RemoveWhere(task => task.IsCompletedSuccessfully);
        pending.Add(RestartAsync(happened, one, one.BackOff.AfterRunOf(ran), stoppingToken));
    }

    private async Task RestartAsync(ResourceEvent ended, Seen one, TimeSpan wait, CancellationToken stoppingToken)
    {
        try
        {
            Log.Restarting(logger, ended.Resource.Name, ended.Snapshot.State!.Text, wait);
            await Task.Delay(wait, time, stoppingToken);
            // Somebody may have started it in the meantime.
            if (!KnownResourceStates.TerminalStates.Contains(one.State)) return;
            Leftovers.EndResource(directory, ended.Resource.Name);
            var result = await commands.ExecuteCommandAsync(ended.ResourceId, KnownResourceCommands.StartCommand, stoppingToken);
            if (!result.Success) Log.NotRestarted(logger, ended.Resource.Name, result.ErrorMessage ?? "no reason was given");
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The stack is stopping: what ended may stay so.
            return;
        }
    }

    private sealed class Seen
    {
        public volatile string? State;

        public long RunningSince { get; set; }

        public BackOff BackOff { get; } = new();
    }
}
