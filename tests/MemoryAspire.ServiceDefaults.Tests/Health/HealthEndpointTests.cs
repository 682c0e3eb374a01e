using System.Net;
using System.Text.Json;
using MemoryAspire.ServiceDefaults.Health;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MemoryAspire.ServiceDefaults.Tests.Health;

public sealed class HealthEndpointTests
{
    [Fact]
    public async Task Health_lists_every_entry_with_status_description_data_and_duration()
    {
        var data = new Dictionary<string, object> { ["lag"] = 7, ["source"] = "replica" };
        await using var service = await StartAsync(("redis", HealthCheckResult.Healthy("Answers.", data)));

        var (code, json) = await GetAsync(service, "/health");

        Assert.Equal(HttpStatusCode.OK, code);
        Assert.Equal("Healthy", json.GetProperty("status").GetString());
        var redis = json.GetProperty("entries").GetProperty("redis");
        Assert.Equal("Healthy", redis.GetProperty("status").GetString());
        Assert.Equal("Answers.", redis.GetProperty("description").GetString());
        Assert.Equal(7, redis.GetProperty("data").GetProperty("lag").GetInt32());
        Assert.Equal("replica", redis.GetProperty("data").GetProperty("source").GetString());
        Assert.True(redis.GetProperty("durationMilliseconds").GetDouble() >= 0);
    }

    [Theory]
    [InlineData(HealthStatus.Healthy, HttpStatusCode.OK)]
    [InlineData(HealthStatus.Degraded, HttpStatusCode.OK)]
    [InlineData(HealthStatus.Unhealthy, HttpStatusCode.ServiceUnavailable)]
    public async Task The_worst_entry_decides_the_status_and_the_code(HealthStatus worst, HttpStatusCode expected)
    {
        await using var service = await StartAsync(("good", HealthCheckResult.Healthy()), ("worst", new HealthCheckResult(worst)));

        var (code, json) = await GetAsync(service, "/health");

        Assert.Equal(expected, code);
        Assert.Equal(worst.ToString(), json.GetProperty("status").GetString());
    }

    [Fact]
    public async Task Alive_asks_only_the_live_checks()
    {
        await using var service = await StartAsync(("postgres", HealthCheckResult.Unhealthy()));

        var (code, json) = await GetAsync(service, "/alive");

        Assert.Equal(HttpStatusCode.OK, code);
        Assert.Equal(["self"], json.GetProperty("entries").EnumerateObject().Select(entry => entry.Name));
    }

    [Fact]
    public async Task A_failing_live_check_makes_alive_503()
    {
        await using var service = await RunningService.StartAsync(builder => builder.Services.AddHealthChecks()
            .AddCheck("stuck", () => HealthCheckResult.Unhealthy(), [HealthExtensions.LiveTag]));

        var (code, _) = await GetAsync(service, "/alive");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, code);
    }

    [Fact]
    public async Task What_an_exception_says_is_not_shown_to_everybody()
    {
        await using var service = await StartAsync(("postgres", HealthCheckResult.Unhealthy("host=secret", new InvalidOperationException("host=secret"))));

        var (_, json) = await GetAsync(service, "/health");

        Assert.DoesNotContain("secret", json.GetRawText(), StringComparison.Ordinal);
        Assert.Contains(nameof(InvalidOperationException), json.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_check_says_itself_is_shown_also_beside_an_exception()
    {
        await using var service = await StartAsync(("redis", HealthCheckResult.Degraded("Redis does not answer.", new TimeoutException("host=secret"))));

        var (_, json) = await GetAsync(service, "/health");

        Assert.Equal("Redis does not answer.", json.GetProperty("entries").GetProperty("redis").GetProperty("description").GetString());
    }

    [Fact]
    public async Task A_check_that_hangs_is_cut_off_and_unhealthy()
    {
        await using var service = await RunningService.StartAsync(builder => builder.Services.AddHealthChecks()
            .AddAsyncCheck("hung", async token =>
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, token);
                return HealthCheckResult.Healthy();
            }));

        var (code, json) = await GetAsync(service, "/health");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, code);
        Assert.Equal("Unhealthy", json.GetProperty("entries").GetProperty("hung").GetProperty("status").GetString());
    }

    [Fact]
    public async Task Health_and_alive_need_no_credential_where_everything_else_does()
    {
        await using var service = await RunningService.StartAsync(
            builder =>
            {
                builder.Services.AddAuthentication("none").AddCookie("none", cookie => cookie.Events.OnRedirectToLogin = context =>
                {
                    context.Response.StatusCode = 401;
                    return Task.CompletedTask;
                });
                builder.Services.AddAuthorizationBuilder().SetFallbackPolicy(new Microsoft.AspNetCore.Authorization.AuthorizationPolicyBuilder()
                    .RequireAuthenticatedUser().Build());
            },
            app => app.MapGet("/other", () => "secret"));
        using var client = service.Client();

        Assert.Equal(HttpStatusCode.OK, await CodeAsync(client, "/health"));
        Assert.Equal(HttpStatusCode.OK, await CodeAsync(client, "/alive"));
        Assert.Equal(HttpStatusCode.Unauthorized, await CodeAsync(client, "/other"));
        Assert.Equal(HttpStatusCode.Unauthorized, await CodeAsync(client, "/metrics"));
    }

    private static async Task<HttpStatusCode> CodeAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(path, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    private static Task<RunningService> StartAsync(params (string Name, HealthCheckResult Result)[] checks) =>
        RunningService.StartAsync(builder =>
        {
            foreach (var (name, result) in checks) builder.Services.AddHealthChecks().AddCheck(name, () => result);
        });

    private static async Task<(HttpStatusCode Code, JsonElement Json)> GetAsync(RunningService service, string path)
    {
        using var client = service.Client();
        using var answer = await client.GetAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
        return (answer.StatusCode, JsonElement.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
    }
}
