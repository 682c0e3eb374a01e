namespace MemoryAspire.Crash.Tests.Writes;

/// <summary>A memory as far as it is compared.</summary>
internal sealed record MemoryState(string Id, string User, string Content, long Version);

/// <summary>What one client has to find, from what it wrote and was told.</summary>
internal sealed class Model
{
    private readonly Dictionary<string, MemoryState> _memories = [];
    private readonly HashSet<string> _deleted = [];

    public IEnumerable<MemoryState> Memories => _memories.Values.OrderBy(memory => memory.Id, StringComparer.Ordinal);

    public IReadOnlyCollection<string> Deleted => _deleted;

    /// <param name="ids">Of the memories, in the order of the operations.</param>
    public void Apply(Write write, IReadOnlyList<string?> ids)
    {
        foreach (var (operation, id) in write.Operations.Zip(ids)) Apply(operation, id);
    }

    /// <summary>
    /// Whether a write whose answer was lost is among what is stored: all of it or nothing, anything else fails the test.
    /// What is there becomes part of the model.
    /// </summary>
    public bool Resolve(Write doubtful, IReadOnlyList<MemoryState> stored)
    {
        var visible = doubtful.Operations.Select(operation => IsVisible(operation, stored)).ToList();
        Assert.True(visible.Distinct().Count() == 1, $"A write is half visible: {string.Join(", ", doubtful.Operations.Zip(visible))}");
        if (visible[0]) Apply(doubtful, [.. doubtful.Operations.Select(operation => Find(operation, stored)?.Id)]);
        return visible[0];
    }

    private void Apply(Operation operation, string? id)
    {
        switch (operation)
        {
            case Operation.Create create:
                Assert.NotNull(id);
                _memories.Add(id, new MemoryState(id, create.User, create.Content, 1));
                break;
            case Operation.Update update:
                var before = _memories[update.Id];
                _memories[update.Id] = before with { Content = update.Content, Version = before.Version + 1 };
                break;
            case Operation.Delete delete:
                _memories.Remove(delete.Id);
                _deleted.Add(delete.Id);
                break;
        }
    }

    private static bool IsVisible(Operation operation, IReadOnlyList<MemoryState> stored) => operation is Operation.Delete != Find(operation, stored) is not null;

    /// <summary>The memory that an operation would have left, or that a deletion would have taken away.</summary>
    private static MemoryState? Find(Operation operation, IReadOnlyList<MemoryState> stored) => operation switch
    {
        Operation.Create create => stored.SingleOrDefault(memory => memory.Content == create.Content),
        Operation.Update update => stored.SingleOrDefault(memory => memory.Content == update.Content),
        Operation.Delete delete => stored.SingleOrDefault(memory => memory.Id == delete.Id),
        _ => throw new InvalidOperationException($"Unhandled operation {operation}."),
    };
}
