namespace MemoryAspire.Cli.Import;

/// <summary>One memory of a file, or why there is none.</summary>
/// <param name="At">Where it stands, for people: <c>line 3</c>, <c>conv-26 D1:3</c>. Unique in the file, and the same in every run.</param>
/// <param name="Body">What to send to create it.</param>
internal sealed record ImportItem(string At, ReadOnlyMemory<byte> Body, string? Error = null)
{
    public static ImportItem Wrong(string at, string error) => new(at, default, error);
}

/// <summary>A file's memories, in order.</summary>
/// <param name="Count">How many items there are.</param>
internal sealed record ImportSource(int Count, IAsyncEnumerable<ImportItem> Items);
