using System.Net;
using MemoryAspire.ServiceDefaults.Shutdown;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace MemoryAspire.ServiceDefaults.Tests.Shutdown;

public sealed class DrainTests
{
    [Fact]
    public async Task While_it_drains_a_service_is_not_ready_but_alive_and_serves()
    {
        var time = new FakeTimeProvider();
        await using var service = await RunningService.StartAsync(
            builder => builder.Services.AddSingleton<TimeProvider>(time), settings: ("Shutdown:DrainDelay", "00:00:03"));
        using var client = service.Client();
        Assert.Equal(HttpStatusCode.OK, await CodeAsync(client, "/health"));

        var stop = service.App.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, await CodeAsync(client, "/health"));
        Assert.Equal(HttpStatusCode.OK, await CodeAsync(client, "/alive"));
        Assert.False(stop.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(3));
        await stop.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<HttpRequestException>(() => CodeAsync(client, "/alive"));
    }

    [Fact]
    public void The_whole_shutdown_is_bounded_by_ten_seconds()
    {
        using var app = RunningService.Build(null, null);

        Assert.Equal(TimeSpan.FromSeconds(10), app.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout);
    }

    [Fact]
    public async Task A_drain_that_outlasts_the_shutdown_stops_the_start()
    {
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() =>
            RunningService.StartAsync(settings: ("Shutdown:DrainDelay", "00:00:30")));

        Assert.Contains($"{ShutdownOptions.Section}:{nameof(ShutdownOptions.DrainDelay)}", refused.Message, StringComparison.Ordinal);
    }

    private static async Task<HttpStatusCode> CodeAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(path, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }
}
