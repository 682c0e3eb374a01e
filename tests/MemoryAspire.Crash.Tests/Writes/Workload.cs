using System.Globalization;

namespace MemoryAspire.Crash.Tests.Writes;

/// <summary>What one client writes, over three users and so over three partitions; the same seed gives the same writes.</summary>
internal sealed class Workload(string name, int seed)
{
    private const int UsersMax = 3;

    private readonly Random _random = new(seed);
    private int _contents;

    public IReadOnlyList<string> Users { get; } = [.. Enumerable.Range(0, UsersMax).Select(user => $"{name}-{user}")];

    /// <summary>A transaction that gives every user two memories.</summary>
    public Write First() => new([.. Users.Concat(Users).Select(user => new Operation.Create(user, Content()))]);

    /// <summary>A create, an update, a delete, or a transaction of all of them.</summary>
    public Write Next(Model model) => _random.Next(4) switch
    {
        0 => new(Create()),
        1 => new(Update(model)),
        2 when model.Memories.Count() > UsersMax * 2 => new(Delete(model)),
        _ => Transaction(model),
    };

    /// <summary>A create, an update and a delete, all of different memories.</summary>
    public Write Transaction(Model model)
    {
        var update = Update(model);
        return new(Create(), update, new Operation.Delete(Any(model, except: update.Id).Id));
    }

    public Operation.Create Create() => new(Users[_random.Next(UsersMax)], Content());

    private Operation.Update Update(Model model) => new(Any(model).Id, Content());

    private Operation.Delete Delete(Model model) => new(Any(model).Id);

    private MemoryState Any(Model model, string? except = null)
    {
        var memories = model.Memories.Where(memory => memory.Id != except).ToList();
        return memories[_random.Next(memories.Count)];
    }

    private string Content() => string.Create(CultureInfo.InvariantCulture, $"The {++_contents}. cup of tea of {name}.");
}
