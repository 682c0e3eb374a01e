using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MemoryAspire.Cli.Import;

/// <summary>
/// Conversations in the format of LoCoMo (Maharana et al., 2024): <c>{ sample_id, conversation: { session_1: [ { speaker,
/// dia_id, text, blip_caption? } ], session_1_date_time } }</c>, one or an array of them. Every turn is a memory of a user
/// who is called like the conversation.
/// </summary>
internal static class Locomo
{
    private const string SessionPrefix = "session_";
    private const string DateSuffix = "_date_time";

    public static async Task<ImportSource> OpenAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(path);
        try
        {
            using var document = await JsonDocument.ParseAsync(file, cancellationToken: cancellationToken);
            var items = Read(document.RootElement).ToList();
            return new(items.Count, Give(items, cancellationToken));
        }
        catch (JsonException exception)
        {
            throw new UsageException($"{path} is not JSON: {exception.Message}");
        }
    }

    public static IEnumerable<ImportItem> Read(JsonElement root) => root.ValueKind == JsonValueKind.Array
        ? root.EnumerateArray().SelectMany((sample, index) => Conversation(sample, index))
        : Conversation(root, 0);

    private static IEnumerable<ImportItem> Conversation(JsonElement sample, int index)
    {
        var name = Text(sample, "sample_id") ?? $"conversation {index + 1}";
        if (Text(sample, "sample_id") is not { } user || !sample.TryGetProperty("conversation", out var conversation) || conversation.ValueKind != JsonValueKind.Object)
        {
            return [ImportItem.Wrong(name, "not a conversation: sample_id or conversation is missing")];
        }

        return Sessions(conversation).SelectMany(session =>
            session.Turns.EnumerateArray().Select((turn, number) => Turn(user, session.Name, Text(conversation, session.Name + DateSuffix), turn, number)));
    }

    /// <summary>In the order of their numbers, which need not be that of the file.</summary>
    private static IEnumerable<(string Name, JsonElement Turns)> Sessions(JsonElement conversation) => conversation.EnumerateObject()
        .Where(field => field.Value.ValueKind == JsonValueKind.Array && Number(field.Name) is not null)
        .OrderBy(field => Number(field.Name))
        .Select(field => (field.Name, field.Value));

    private static int? Number(string name) =>
        name.StartsWith(SessionPrefix, StringComparison.Ordinal)
        && int.TryParse(name.AsSpan(SessionPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static ImportItem Turn(string user, string session, string? date, JsonElement turn, int number)
    {
        var id = Text(turn, "dia_id");
        var at = $"{user} {id ?? $"{session} turn {number + 1}"}";
        if (Text(turn, "speaker") is not { } speaker || Text(turn, "text") is not { } text) return ImportItem.Wrong(at, "not a turn: speaker or text is missing");
        var caption = Text(turn, "blip_caption") is { Length: > 0 } shared ? $" [shares {shared}]" : "";
        var metadata = new JsonObject { ["speaker"] = speaker };
        if (id is not null) metadata["dia_id"] = id;
        if (date is not null) metadata["session_date_time"] = date;
        if (Iso(date) is { } iso) metadata["date"] = iso;
        return new(at, JsonText.Bytes(new JsonObject
        {
            ["content"] = $"{speaker}: {text}{caption}",
            ["scope"] = new JsonObject { ["user"] = user, ["session"] = session },
            ["metadata"] = metadata,
        }));
    }

    /// <summary>From <c>1:56 pm on 8 May, 2023</c>, so that dates can be compared.</summary>
    private static string? Iso(string? date) =>
        DateTime.TryParseExact(date, "h:mm tt 'on' d MMMM, yyyy", CultureInfo.InvariantCulture, DateTimeStyles.None, out var parsed)
            ? parsed.ToString("s", CultureInfo.InvariantCulture)
            : null;

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static async IAsyncEnumerable<ImportItem> Give(List<ImportItem> items, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var item in items)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return item;
        }

        await Task.CompletedTask;
    }
}
