using System.Net;

namespace MemoryAspire.ServiceDefaults.Tests.Http;

public sealed class ListeningTests
{
    [Fact]
    public async Task Without_an_address_a_service_listens_on_a_free_loopback_port_and_names_no_server()
    {
        await using var one = await RunningService.StartAsync();
        await using var other = await RunningService.StartAsync();

        Assert.True(IPAddress.IsLoopback(IPAddress.Parse(one.Address.Host)));
        Assert.NotEqual(one.Address.Port, other.Address.Port);
        using var client = one.Client();
        using var answer = await client.GetAsync("/alive", TestContext.Current.CancellationToken);
        Assert.Empty(answer.Headers.Server);
    }

    [Fact]
    public async Task An_address_that_is_configured_is_taken()
    {
        await using var service = await RunningService.StartAsync(settings: ("urls", "http://[::1]:0"));

        Assert.Equal("[::1]", service.Address.Host);
    }
}
