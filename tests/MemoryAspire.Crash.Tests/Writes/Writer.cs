namespace MemoryAspire.Crash.Tests.Writes;

/// <summary>A client that writes, and remembers what it must find.</summary>
internal sealed class Writer(string name, int seed)
{
    public Workload Workload { get; } = new(name, seed);

    public Model Model { get; } = new();

    /// <summary>The write of which the client does not know whether it was stored; it writes no more.</summary>
    public Write? Doubtful { get; private set; }

    public async Task<Told> WriteAsync(HttpClient client, Write write, string? key = null)
    {
        Assert.Null(Doubtful);
        var told = await client.WriteAsync(write, key);
        Assert.True(told.IsAcknowledged || told.Status is null or 503, $"{write} was answered with {told}.");
        if (told.IsAcknowledged) Model.Apply(write, told.Ids);
        else if (told.IsDoubtful) Doubtful = write;
        return told;
    }

    /// <summary>Finds out what became of the doubtful write, and that everything else is exactly as it was acknowledged.</summary>
    public void Compare(IReadOnlyList<MemoryState> stored)
    {
        var mine = stored.Where(memory => Workload.Users.Contains(memory.User)).OrderBy(memory => memory.Id, StringComparer.Ordinal).ToList();
        if (Doubtful is { } doubtful) Model.Resolve(doubtful, mine);
        Doubtful = null;
        Assert.Equal(Model.Memories, mine);
    }
}
