using System.Globalization;
using System.Text.Json;
using MemoryAspire.Api.Authentication;
using MemoryAspire.Api.Problems;
using MemoryAspire.Api.Requests;
using MemoryAspire.Postgres.Locks;

namespace MemoryAspire.Api.Locks;

/// <summary>Reads what a request for a lock says.</summary>
internal static class LockRequest
{
    private const int NameLengthMax = 256;

    private const string TokenError = "must be a whole number, as the grant gave it.";

    private static readonly TimeSpan TtlMax = TimeSpan.FromDays(1);

    /// <param name="segment">The last of the path, in which the server leaves an escaped slash escaped.</param>
    public static LockName Name(Caller caller, string segment)
    {
        var name = segment.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        if (name.Length > NameLengthMax) throw Refusal.BadRequest("name", $"must be at most {NameLengthMax} characters, but has {name.Length}.");
        return JsonText.IsStorable(name) ? new LockName(caller.Tenant, name) : throw Refusal.BadRequest("name", "must be valid Unicode without U+0000.");
    }

    /// <summary>Reads the fields; what is wrong stays with them.</summary>
    public static (TimeSpan Ttl, long? FencingToken) Read(RequestFields fields)
    {
        var seconds = fields.Number("ttlSeconds", 0, TtlMax.TotalSeconds);
        if (seconds is 0) fields.Fail("ttlSeconds", "must be above 0.");
        if (fields.Raw("ttlSeconds") is null) fields.Fail("ttlSeconds", "is required.");
        return (TimeSpan.FromSeconds(seconds ?? 0), Token(fields));
    }

    /// <summary>The token in the query; null when there is none.</summary>
    public static long? Token(HttpRequest request)
    {
        if (request.Query["fencingToken"].ToString() is not { Length: > 0 } text) return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var token) ? token : throw Refusal.BadRequest("fencingToken", TokenError);
    }

    private static long? Token(RequestFields fields)
    {
        if (fields.Raw("fencingToken") is not { } value) return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var token)) return token;
        fields.Fail("fencingToken", TokenError);
        return null;
    }
}
