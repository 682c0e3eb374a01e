using System.Globalization;
using System.Text.RegularExpressions;
using MemoryAspire.Api.Problems;

namespace MemoryAspire.Api.History;

/// <summary>Which past of a memory a read asks for: <c>?version=</c> or <c>?asOf=</c>, never both.</summary>
internal abstract partial record PastPoint
{
    private PastPoint()
    {
    }

    public sealed record AtVersion(long Version) : PastPoint;

    public sealed record AsOf(DateTimeOffset Time) : PastPoint;

    /// <summary>Null when the request asks for the present.</summary>
    public static PastPoint? Of(HttpRequest request)
    {
        var byVersion = request.Query.TryGetValue("version", out var version);
        var byTime = request.Query.TryGetValue("asOf", out var time);
        if (byVersion && byTime) throw Refusal.BadRequest("asOf", "cannot be combined with version: give one of them.");
        if (byVersion) return new AtVersion(ReadVersion(version.ToString()));
        return byTime ? new AsOf(ReadTime(time.ToString())) : null;
    }

    private static long ReadVersion(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version) && version >= 1
            ? version
            : throw Refusal.BadRequest("version", "must be a whole number from 1.");

    private static DateTimeOffset ReadTime(string text)
    {
        // A + that was not encoded arrives as a space.
        var given = text.Replace(' ', '+');
        return Rfc3339().IsMatch(given) && DateTimeOffset.TryParse(given, CultureInfo.InvariantCulture, out var time)
            ? time
            : throw Refusal.BadRequest("asOf", "must be an RFC 3339 time, such as 2026-01-31T12:00:00Z.");
    }

    [GeneratedRegex(@"\A[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})\z", RegexOptions.CultureInvariant)]
    private static partial Regex Rfc3339();
}
