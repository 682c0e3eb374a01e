using System.Net;
using MemoryAspire.Cli.Api;

namespace MemoryAspire.Cli.Tests;

public class BackoffTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Backoff Backoff = new(5, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5));

    [Theory]
    [InlineData(null, 0, 1)]
    [InlineData(null, 2, 4)]
    [InlineData(null, 9, 5)]
    [InlineData("2", 9, 2)]
    [InlineData("3600", 0, 5)]
    [InlineData("Thu, 01 Jan 2026 00:00:03 GMT", 0, 3)]
    [InlineData("Wed, 31 Dec 2025 00:00:00 GMT", 0, 0)]
    public void The_wait_is_what_the_service_asks_else_doubles_and_is_bounded(string? retryAfter, int retry, double seconds)
    {
        using var response = new HttpResponseMessage(HttpStatusCode.ServiceUnavailable);
        if (retryAfter is not null) response.Headers.TryAddWithoutValidation("Retry-After", retryAfter);
        Assert.Equal(TimeSpan.FromSeconds(seconds), Backoff.Wait(retry, response, Now));
    }

    [Theory]
    [InlineData(503, false, true)]
    [InlineData(429, false, true)]
    [InlineData(409, true, true)]
    [InlineData(409, false, false)]
    [InlineData(400, true, false)]
    [InlineData(500, false, false)]
    public void Only_what_may_pass_is_tried_again(int status, bool retryAfter, bool passing)
    {
        using var response = new HttpResponseMessage((HttpStatusCode)status);
        if (retryAfter) response.Headers.Add("Retry-After", "1");
        Assert.Equal(passing, Backoff.IsPassing(response));
    }
}
