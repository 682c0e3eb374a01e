using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Processes;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Orchestration;

/// <summary>Starts every resource when the host starts, and stops them, users before what they use, when it stops.</summary>
internal sealed class Orchestrator(
    IDistributedApplicationBuilder application,
    ResourceNotificationService notifications,
    ResourceLoggerService loggers,
    Launcher launcher,
    IServiceProvider services,
    TimeProvider time) : IHostedService, IAsyncDisposable
{
    private readonly Dictionary<string, ResourceRunner> runners = new(StringComparer.OrdinalIgnoreCase);

    public ResourceRunner? Find(string name) => runners.GetValueOrDefault(name);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        AllocatePorts();
        var planner = new LaunchPlanner(application);
        foreach (var resource in application.Resources)
        {
            var known = resource is ParameterResource ? KnownResourceStates.Active : KnownResourceStates.NotStarted;
            await notifications.PublishUpdateAsync(resource, s => s with { State = s.State?.Text == KnownResourceStates.Running ? s.State : known });
            if (resource is ExecutableResource or ProjectResource)
                runners[resource.Name] = new(resource, notifications, planner, launcher, loggers.GetLogger(resource), services, time);
        }

        foreach (var runner in runners.Values) runner.Start();
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (var layer in Dependencies.StopLayers([.. runners.Values.Select(runner => runner.Resource)]))
            await Task.WhenAll(layer.Select(resource => runners[resource.Name].StopAsync(CancellationToken.None)));
    }

    /// <summary>A host whose start failed half way is disposed without having been stopped; the container may do so twice.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        foreach (var runner in runners.Values) runner.Dispose();
        runners.Clear();
    }

    private void AllocatePorts()
    {
        var free = new PortAllocator();
        foreach (var resource in application.Resources)
        {
            foreach (var endpoint in ResourceBuilderExtensions.Endpoints(resource))
            {
                var address = endpoint.TargetHost == "localhost" ? "127.0.0.1" : endpoint.TargetHost;
                var asked = endpoint.Port ?? endpoint.TargetPort;
                if (asked is { } fixedPort && !PortAllocator.IsFree(fixedPort))
                    throw new DistributedApplicationException($"The port {fixedPort} of the resource '{resource.Name}' is taken by another process.");
                endpoint.AllocatedEndpoint = new(endpoint, address, asked ?? free.Next());
            }
        }
    }
}
