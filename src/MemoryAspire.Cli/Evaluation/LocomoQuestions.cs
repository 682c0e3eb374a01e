using System.Text.Json;
using System.Text.Json.Nodes;
using MemoryAspire.Cli.Import;

namespace MemoryAspire.Cli.Evaluation;

/// <summary>A question, and the turns that hold its answer.</summary>
internal sealed record Question(string Text, IReadOnlyList<string> Evidence);

/// <summary>A conversation to be stored, turn by turn, and what to ask afterwards.</summary>
/// <param name="Turns">Bodies of memories, in order, with each turn's name.</param>
internal sealed record EvaluatedConversation(string Name, IReadOnlyList<(string Name, JsonObject Body)> Turns, IReadOnlyList<Question> Questions);

/// <summary>Reads LoCoMo conversations with their questions. Questions without evidence are left out: nothing can be found for them.</summary>
internal static class LocomoQuestions
{
    public static IReadOnlyList<EvaluatedConversation> Read(JsonElement root)
    {
        IEnumerable<JsonElement> samples = root.ValueKind == JsonValueKind.Array ? root.EnumerateArray() : [root];
        var conversations = samples.Select((sample, number) => Read(sample, number)).ToList();
        return conversations.Any(conversation => conversation.Questions.Count > 0)
            ? conversations
            : throw new UsageException("There are no questions with evidence (qa) in the file.");
    }

    private static EvaluatedConversation Read(JsonElement sample, int number)
    {
        var items = Locomo.Read(sample).ToList();
        if (items.Find(item => item.Error is not null) is { } wrong) throw new UsageException($"{wrong.At}: {wrong.Error}.");
        var turns = items.Select(item => (JsonObject)JsonNode.Parse(item.Body.Span)!).Select(body => (Name(body), body)).ToList();
        return new(sample.TryGetProperty("sample_id", out var id) ? id.ToString() : $"conversation {number + 1}", turns, [.. Questions(sample)]);
    }

    private static string Name(JsonObject body) => body["metadata"]?["dia_id"]?.GetValue<string>() ?? "";

    private static IEnumerable<Question> Questions(JsonElement sample)
    {
        if (!sample.TryGetProperty("qa", out var questions) || questions.ValueKind != JsonValueKind.Array) yield break;
        foreach (var one in questions.EnumerateArray())
        {
            if (!one.TryGetProperty("question", out var text) || text.ValueKind != JsonValueKind.String) continue;
            if (!one.TryGetProperty("evidence", out var evidence) || evidence.ValueKind != JsonValueKind.Array || evidence.GetArrayLength() == 0) continue;
            yield return new Question(text.GetString()!, [.. evidence.EnumerateArray().Select(turn => turn.ToString())]);
        }
    }
}
