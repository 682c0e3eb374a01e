using System.Text.Json;
using MemoryAspire.Api.Authentication;
using MemoryAspire.Api.Memories;
using MemoryAspire.Api.Problems;
using MemoryAspire.Api.Requests;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Redis.Sessions;

namespace MemoryAspire.Api.Sessions;

/// <summary>Reads what a request for a session says. What is wrong stays with the fields.</summary>
internal static class SessionRequest
{
    private const int RoleLengthMax = 64;

    private const int StateDepthMax = 32;

    /// <param name="segment">The last of the path, in which the server leaves an escaped slash escaped.</param>
    public static SessionName Name(Caller caller, string segment)
    {
        var name = segment.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        if (name.Length > ScopeFields.LengthMax) throw Refusal.BadRequest("session", $"must be at most {ScopeFields.LengthMax} characters, but has {name.Length}.");
        return JsonText.IsStorable(name) ? new SessionName(caller.Tenant, name) : throw Refusal.BadRequest("session", "must be valid Unicode without U+0000.");
    }

    public static SessionDraft Draft(RequestFields fields, SessionName name, SessionOptions options, DateTimeOffset now)
    {
        var seconds = fields.Number("ttlSeconds", double.Epsilon, options.TtlMax.TotalSeconds);
        var most = MaxMessages(fields) ?? options.MessagesDefault;
        var isEmpty = fields.Raw("messages") is not { } messages || (messages.ValueKind == JsonValueKind.Array && messages.GetArrayLength() == 0);
        return new SessionDraft(
            isEmpty ? [] : [.. Messages(fields, now).TakeLast(most)],
            State(fields),
            seconds is { } given ? Milliseconds(given) : options.TtlDefault,
            most,
            Policy(fields, name),
            options.KeptForPromotion);
    }

    /// <summary>The messages of an append: an array, or the fields of one.</summary>
    public static IReadOnlyList<SessionMessage> Appended(RequestFields fields, DateTimeOffset now) =>
        fields.Has("messages") || !fields.HasAny("role", "content") ? Messages(fields, now) : [Message(fields, now)];

    public static int? MaxMessages(RequestFields fields) => fields.Integer("maxMessages", 1, SessionOptions.MessagesLimit);

    /// <summary>How messages become memories.</summary>
    public static PromotionPolicy Promotion(RequestFields fields, SessionName name)
    {
        var scope = fields.Scope();
        if (scope.Session is not null && scope.Session != name.Name) fields.Fail("scope.session", "must be absent, or the name of the session.");
        return new PromotionPolicy(
            scope with { Session = name.Name },
            fields.Kind() ?? MemoryKind.Episodic,
            fields.Number("importance", 0, 1) ?? CreateRequest.ImportanceDefault,
            CreateRequest.ReadMetadata(fields));
    }

    /// <summary>The ids of the chosen messages; null: all.</summary>
    public static IReadOnlyList<long>? Chosen(RequestFields fields)
    {
        if (fields.Raw("messages") is not { } value) return null;
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() is < 1 or > SessionOptions.MessagesLimit)
        {
            fields.Fail("messages", $"must be an array of 1 to {SessionOptions.MessagesLimit} ids of messages.");
            return null;
        }

        var chosen = new List<long>(value.GetArrayLength());
        foreach (var item in value.EnumerateArray())
        {
            if (item.ValueKind == JsonValueKind.Number && item.TryGetInt64(out var id) && id >= 0 && !chosen.Contains(id)) chosen.Add(id);
            else fields.Fail($"messages[{chosen.Count}]", "must be the id of a message, named once.");
        }

        return chosen;
    }

    private static List<SessionMessage> Messages(RequestFields fields, DateTimeOffset now)
    {
        var messages = new List<SessionMessage>();
        foreach (var item in fields.Objects("messages", SessionOptions.MessagesLimit))
        {
            if (item.Wrong() is null) messages.Add(Message(item, now));
            fields.Adopt(item);
        }

        return messages;
    }

    private static SessionMessage Message(RequestFields fields, DateTimeOffset now)
    {
        var (role, content) = (fields.Text("role", RoleLengthMax), fields.Text("content", CreateRequest.ContentLengthMax));
        if (role is null && !fields.IsWrong("role")) fields.Fail("role", "is required.");
        if (content is null && !fields.IsWrong("content")) fields.Fail("content", "is required.");
        return new SessionMessage(role ?? "", content ?? "", Microseconds.Cut((fields.Time("at") ?? now).ToUniversalTime()));
    }

    private static JsonElement State(RequestFields fields)
    {
        if (fields.Raw("state") is not { } state) return CanonicalJson.EmptyObject;
        if (state.ValueKind != JsonValueKind.Object) fields.Fail("state", "must be an object.");
        else if (CreateRequest.Depth(state) > StateDepthMax) fields.Fail("state", $"must be at most {StateDepthMax} levels deep.");
        else if (!JsonText.IsStorable(state)) fields.Fail("state", "must be valid Unicode without U+0000.");
        else return state;
        return CanonicalJson.EmptyObject;
    }

    private static JsonElement? Policy(RequestFields fields, SessionName name)
    {
        if (fields.Raw("promoteOnExpiry") is null) return null;
        var policy = fields.Object("promoteOnExpiry");
        var promotion = Promotion(policy, name);
        fields.Adopt(policy);
        return JsonSerializer.SerializeToElement(promotion, MemoryJson.Options);
    }

    private static TimeSpan Milliseconds(double seconds) => TimeSpan.FromMilliseconds(Math.Max(1, Math.Round(seconds * 1000)));
}
