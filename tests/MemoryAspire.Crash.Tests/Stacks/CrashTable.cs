namespace MemoryAspire.Crash.Tests.Stacks;

/// <summary>What a crash led to, in words that are the same every time.</summary>
/// <param name="Told">What the client of the write was told.</param>
/// <param name="Stored">What of it was there afterwards.</param>
/// <param name="Meanwhile">What the next write was told while the victim was away.</param>
/// <param name="Repeated">What repeating the write with its Idempotency-Key did.</param>
internal sealed record CrashRow(CrashCell Cell, string Told, string Stored, string Meanwhile, string Repeated)
{
    public override string ToString() => $"| {Cell.Step} | {Cell.Victim} | {Told} | {Stored} | {Meanwhile} | {Repeated} |";
}

/// <summary>The table of docs/transactions.md.</summary>
internal static class CrashTable
{
    private const string Title =
        """
        | step | killed | the client was told | of the write is stored | a write meanwhile | repeated with its key |
        |---|---|---|---|---|---|
        """;

    public static DocumentedTable<CrashCell, CrashRow> Open() => new("transactions.md", "crash matrix", Title, CrashCell.All);
}
