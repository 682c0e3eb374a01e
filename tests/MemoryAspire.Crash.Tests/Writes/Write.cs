using System.Globalization;

namespace MemoryAspire.Crash.Tests.Writes;

/// <summary>One change of a write; contents are never used twice.</summary>
internal abstract record Operation
{
    public sealed record Create(string User, string Content) : Operation;

    public sealed record Update(string Id, string Content) : Operation;

    public sealed record Delete(string Id) : Operation;

    public bool Touches(string id) => this is Update update && update.Id == id || this is Delete delete && delete.Id == id;

    /// <summary>As <c>POST /v1/transactions</c> takes it.</summary>
    public object ToJson() => this switch
    {
        Create create => new { op = "create", content = create.Content, scope = new { user = create.User } },
        Update update => new { op = "update", id = update.Id, content = update.Content },
        Delete delete => new { op = "delete", id = delete.Id },
        _ => throw new InvalidOperationException($"Unhandled operation {this}."),
    };
}

/// <summary>What one request writes: one operation by its own endpoint, several as a transaction.</summary>
internal sealed record Write(params IReadOnlyList<Operation> Operations);

/// <summary>What the client was told.</summary>
/// <param name="Status">Null: the connection broke, or nothing came.</param>
/// <param name="Outcome">Of a 503: <c>notStored</c> or <c>unknown</c>.</param>
/// <param name="Ids">Of the memories in the answer, in the order of the operations; null where one was deleted.</param>
internal sealed record Told(int? Status, string? Outcome, string Tiers, bool Replayed, IReadOnlyList<string?> Ids)
{
    public static Told Nothing { get; } = new(null, null, "", false, []);

    public bool IsAcknowledged => Status is >= 200 and < 300;

    /// <summary>Whether it may have been stored although it was not acknowledged.</summary>
    public bool IsDoubtful => Status is null || Outcome == "unknown";

    public override string ToString() =>
        Status is { } status ? string.Create(CultureInfo.InvariantCulture, $"{status} {Outcome}").TrimEnd() : "no answer";
}
