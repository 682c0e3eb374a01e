using System.Net;

namespace MemoryAspire.Cli.Api;

/// <summary>When to ask again, and after how long: as the service says, else twice as long each time; never longer than a bound.</summary>
internal sealed record Backoff(int RetriesMax, TimeSpan First, TimeSpan LongestWait)
{
    /// <summary>A person waits.</summary>
    public static Backoff Interactive { get; } = new(2, TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(2));

    /// <summary>Long enough for a store to be started again.</summary>
    public static Backoff Patient { get; } = new(9, TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(5));

    /// <summary>What may be different the next time. A conflict says so by Retry-After: the same request is still being served.</summary>
    public static bool IsPassing(HttpResponseMessage response) =>
        response.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests
        || (response.StatusCode == HttpStatusCode.Conflict && response.Headers.RetryAfter is not null);

    public TimeSpan Wait(int retry, HttpResponseMessage? response, DateTimeOffset now)
    {
        var asked = response?.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - now,
            _ => First * Math.Pow(2, retry),
        };
        return asked < TimeSpan.Zero ? TimeSpan.Zero : asked > LongestWait ? LongestWait : asked;
    }
}
