using MemoryAspire.Api.Problems;

namespace MemoryAspire.Api.Requests;

/// <summary><c>require: "all"</c>: nothing is stored unless every tier votes to take it.</summary>
internal static class RequireField
{
    private const string Name = "require";

    private const string Error = "must be all or any.";

    /// <summary>In a body.</summary>
    public static bool RequireAll(this RequestFields fields)
    {
        if (fields.Text(Name, 32) is not { } text) return false;
        if (text is not ("all" or "any")) fields.Fail(Name, Error);
        return text == "all";
    }

    /// <summary>In a URL.</summary>
    public static bool RequireAll(HttpRequest request) => request.Query.TryGetValue(Name, out var values) && values.ToString() switch
    {
        "all" => true,
        "any" => false,
        _ => throw Refusal.BadRequest(Name, Error),
    };
}
