using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryAspire.ServiceDefaults.Tests.Http;

public sealed class HttpClientTests
{
    [Theory]
    [InlineData("GET", true)]
    [InlineData("POST", false)]
    [InlineData("PATCH", false)]
    [InlineData("PUT", false)]
    [InlineData("DELETE", false)]
    public async Task Only_what_may_be_repeated_is_repeated(string method, bool isRepeated)
    {
        var requests = 0;
        await using var server = await RunningService.StartAsync(map: app => app.Map("/flaky", () =>
            Interlocked.Increment(ref requests) == 1 ? Results.StatusCode(503) : Results.Ok()));
        using var client = server.Services.GetRequiredService<IHttpClientFactory>().CreateClient();

        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(server.Address, "/flaky"));
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(isRepeated ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal(isRepeated ? 2 : 1, requests);
    }

    [Fact]
    public async Task A_service_is_found_by_its_name()
    {
        await using var server = await RunningService.StartAsync(map: app => app.MapGet("/who", () => "me"));
        await using var caller = await RunningService.StartAsync(settings: ("services:memory-index:http:0", server.Address.ToString()));
        using var client = caller.Services.GetRequiredService<IHttpClientFactory>().CreateClient();

        Assert.Equal("me", await client.GetStringAsync("http://memory-index/who", TestContext.Current.CancellationToken));
    }
}
