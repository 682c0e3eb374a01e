using System.Globalization;
using MemoryAspire.Api.Problems;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Redis.Values;

namespace MemoryAspire.Api.Requests;

/// <summary>Reads what stands in a URL.</summary>
internal static class QueryFields
{
    public static MemoryId Id(string text) =>
        MemoryId.TryParse(text, out var id) ? id : throw Refusal.BadRequest("id", "is not the id of a memory: it must be a UUID as the service gave it.");

    public static string? ScopePart(HttpRequest request, string name)
    {
        if (!request.Query.TryGetValue(name, out var values)) return null;
        var text = values.ToString();
        if (text.Length is 0 or > ScopeFields.LengthMax) throw Refusal.BadRequest(name, $"must be 1 to {ScopeFields.LengthMax} characters.");
        return JsonText.IsStorable(text) ? text : throw Refusal.BadRequest(name, "must be valid Unicode without U+0000.");
    }

    public static Scope Scope(HttpRequest request) =>
        new(ScopePart(request, "user"), ScopePart(request, "agent"), ScopePart(request, "session"));

    public static MemoryKind? Kind(HttpRequest request)
    {
        if (!request.Query.TryGetValue("kind", out var values)) return null;
        return MemoryKinds.TryParse(values.ToString(), out var kind) ? kind : throw Refusal.BadRequest("kind", ScopeFields.KindError);
    }

    public static int Limit(HttpRequest request, int otherwise, int max)
    {
        if (!request.Query.TryGetValue("limit", out var values)) return otherwise;
        return int.TryParse(values.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit >= 1 && limit <= max
            ? limit
            : throw Refusal.BadRequest("limit", $"must be a whole number from 1 to {max}.");
    }

    public static ReadLevel Consistency(HttpRequest request) =>
        request.Query.TryGetValue("consistency", out var values) ? ReadLevelOf(values.ToString()) : ReadLevel.Session;

    public static ReadLevel ReadLevelOf(string text) => text switch
    {
        "eventual" => ReadLevel.Eventual,
        "session" => ReadLevel.Session,
        "strong" => ReadLevel.Strong,
        _ => throw Refusal.BadRequest("consistency", "must be eventual, session or strong."),
    };

    public static bool IncludesEmbedding(HttpRequest request)
    {
        if (!request.Query.TryGetValue("include", out var values)) return false;
        return values.ToString() == "embedding" ? true : throw Refusal.BadRequest("include", "must be embedding.");
    }
}
