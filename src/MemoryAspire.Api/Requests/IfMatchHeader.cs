using System.Globalization;
using MemoryAspire.Api.Problems;

namespace MemoryAspire.Api.Requests;

/// <summary>The header <c>If-Match</c>.</summary>
internal static class IfMatchHeader
{
    /// <summary>The version in <c>If-Match: "3"</c>; null when absent or <c>*</c>.</summary>
    public static long? Read(HttpRequest request)
    {
        var text = request.Headers.IfMatch.ToString();
        if (text is "" or "*") return null;
        return text is ['"', .. var version, '"'] && long.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Refusal.BadRequest("If-Match", "must be a version in quotes, as the ETag gives it.");
    }
}
