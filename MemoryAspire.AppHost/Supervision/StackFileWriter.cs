using System.Globalization;
using MemoryAspire.AppHost.Stacks;
using Microsoft.Extensions.Hosting;

namespace MemoryAspire.AppHost.Supervision;

/// <summary>Keeps <c>stack.json</c> true for as long as the stack runs.</summary>
internal sealed class StackFileWriter(
    string directory, ResourceNotificationService notifications, DataDirectoryLock held) : BackgroundService
{
    private readonly SortedDictionary<string, ResourceEntry> entries = new(StringComparer.Ordinal);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        File.Delete(StackFile.PathIn(directory));
        GC.KeepAlive(held);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        new StackFile(Environment.ProcessId, directory, []).Write();
        await foreach (var happened in notifications.WatchAsync(stoppingToken))
        {
            if (Entry(happened) is not { } entry || (entries.TryGetValue(happened.ResourceId, out var before) && Same(before, entry))) continue;
            entries[happened.ResourceId] = entry;
            new StackFile(Environment.ProcessId, directory, [.. entries.Values]).Write();
        }
    }

    private static ResourceEntry? Entry(ResourceEvent happened)
    {
        var snapshot = happened.Snapshot;
        if (snapshot.IsHidden || snapshot.ResourceType is not ("Project" or "Executable" or "Container")) return null;
        return new(
            happened.Resource.Name,
            happened.Resource is ContainerResource ? "container" : happened.Resource is ProjectResource ? "project" : "executable",
            ProcessId(snapshot),
            snapshot.State?.Text ?? KnownResourceStates.NotStarted,
            snapshot.HealthStatus?.ToString(),
            snapshot.Urls.IsDefault ? [] : [.. snapshot.Urls.Select(url => url.Url)]);
    }

    private static int? ProcessId(CustomResourceSnapshot snapshot) =>
        snapshot.Properties.FirstOrDefault(property => property.Name == "executable.pid")?.Value is { } value
            && int.TryParse(Convert.ToString(value, CultureInfo.InvariantCulture), CultureInfo.InvariantCulture, out var pid)
            ? pid
            : null;

    private static bool Same(ResourceEntry a, ResourceEntry b) =>
        a with { Endpoints = [] } == b with { Endpoints = a.Endpoints.SequenceEqual(b.Endpoints) ? [] : b.Endpoints };
}
