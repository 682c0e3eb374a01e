using System.Text.Json.Nodes;
using MemoryAspire.Cli.Api;

namespace MemoryAspire.Cli.Evaluation;

/// <summary>
/// Stores conversations as anybody would, asks their questions through the public search, and forgets them again. Each conversation is
/// a user of its own, with a name that no other run has.
/// </summary>
internal sealed class Evaluator(MemoryApi api, string run, IReadOnlyList<string> modes)
{
    private const int BatchMax = 100;
    private const int Concurrency = 4;

    private readonly Dictionary<string, Recall> _recalls = modes.ToDictionary(mode => mode, mode => new Recall(mode));

    public IReadOnlyList<RecallTable> Tables => [.. modes.Select(mode => _recalls[mode].Table)];

    /// <summary>How many steps a run has, for its progress.</summary>
    public static int StepsOf(IReadOnlyList<EvaluatedConversation> conversations, int modes) =>
        conversations.Sum(conversation => conversation.Turns.Count + (conversation.Questions.Count * modes));

    public async Task RunAsync(IReadOnlyList<EvaluatedConversation> conversations, bool keep, Action advance, CancellationToken cancellationToken)
    {
        foreach (var conversation in conversations)
        {
            var user = $"{run}-{conversation.Name}";
            try
            {
                await StoreAsync(conversation, user, advance, cancellationToken);
                await AskAsync(conversation, user, advance, cancellationToken);
            }
            finally
            {
                // What was stored to be measured is not left among somebody's memories, however this ends.
                if (!keep) await api.DeleteScopeAsync(user, CancellationToken.None);
            }
        }
    }

    private async Task StoreAsync(EvaluatedConversation conversation, string user, Action advance, CancellationToken cancellationToken)
    {
        // One batch after the other: what was said later is stored later.
        foreach (var turns in conversation.Turns.Chunk(BatchMax))
        {
            var memories = new JsonArray([.. turns.Select(turn =>
            {
                var body = turn.Body.DeepClone();
                body["scope"]!["user"] = user;
                return body;
            })]);
            await api.CreateManyAsync(JsonText.Bytes(new JsonObject { ["memories"] = memories, ["atomic"] = true }), $"{user}-{turns[0].Name}", cancellationToken);
            foreach (var _ in turns) advance();
        }
    }

    private Task AskAsync(EvaluatedConversation conversation, string user, Action advance, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
            conversation.Questions.SelectMany(question => modes.Select(mode => (question, mode))),
            new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken },
            async (ask, token) =>
            {
                var search = new JsonObject { ["query"] = ask.question.Text, ["mode"] = ask.mode, ["k"] = Recall.Counts[^1], ["scope"] = new JsonObject { ["user"] = user } };
                var answer = await api.SearchAsync(JsonText.Bytes(search), token);
                if (answer.Degraded is { Length: > 0 } tiers) throw new UsageException($"The service answered without {tiers}: what it finds then says little.");
                _recalls[ask.mode].Add(ask.question, [.. answer.Body.GetProperty("results").EnumerateArray()
                    .Select(result => result.GetProperty("memory").GetProperty("metadata").TryGetProperty("dia_id", out var name) ? name.GetString() ?? "" : "")]);
                advance();
            });
}
