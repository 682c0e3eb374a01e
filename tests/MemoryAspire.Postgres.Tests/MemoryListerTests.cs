using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Postgres.Memories;
using MemoryAspire.TestStores;

namespace MemoryAspire.Postgres.Tests;

public sealed class MemoryListerTests(StoresFixture stores)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_list_goes_newest_first_through_every_memory_once()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        var written = new List<MemoryId>();
        for (var at = 0; at < 25; at++) written.Add((await episode.CommitAsync(episode.NewMemory($"memory {at}"))).MemoryId);
        var selection = new MemorySelection(Episode.Tenant, new Scope("ada"), null);

        var listed = new List<MemoryId>();
        ListCursor? after = null;
        while (true)
        {
            var page = await episode.Lister.ListAsync(selection, after, 10, Cancellation);
            if (page.Memories.Count == 0) break;
            listed.AddRange(page.Memories.Select(stored => stored.Record.Memory.Id));
            var last = page.Memories[^1].Record.Memory;
            after = new ListCursor(last.CreatedAt, last.Id);
        }

        Assert.Equal(written.AsEnumerable().Reverse(), listed);
    }

    [Fact]
    public async Task Each_part_of_a_scope_narrows_the_list()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        Scope[] scopes = [new("ada", "chef", "s1"), new("ada", "chef", "s2"), new("ada", "maid", "s1"), new("bob", "chef", "s1"), Scope.None];
        foreach (var scope in scopes) await episode.CommitAsync(episode.NewMemory("x", scope.User ?? "nobody", scope));

        Assert.Equal(5, await CountAsync(episode, Scope.None));
        Assert.Equal(3, await CountAsync(episode, new Scope("ada")));
        Assert.Equal(3, await CountAsync(episode, new Scope(Agent: "chef")));
        Assert.Equal(2, await CountAsync(episode, new Scope("ada", Session: "s1")));
        Assert.Equal(1, await CountAsync(episode, scopes[0]));
        Assert.Equal(0, await CountAsync(episode, new Scope("ada' or true --")));
    }

    [Fact]
    public async Task A_page_comes_with_the_heads_it_was_chosen_from()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        await episode.CommitAsync(episode.NewMemory("one"));
        await episode.CommitAsync(episode.NewMemory("two"));
        await episode.CommitAsync(episode.NewMemory("three", "bob"));

        var page = await episode.Lister.ListAsync(new MemorySelection(Episode.Tenant, new Scope("ada"), null), null, 10, Cancellation);
        var all = await episode.Lister.ListVectorsAsync(new MemorySelection(Episode.Tenant, Scope.None, null), Episode.Model, 10, Cancellation);

        Assert.Equal(KeyValuePair.Create(Partition.Of(Episode.Tenant, "ada"), new Position(2)), Assert.Single(page.Heads));
        Assert.Equal(2, all.Heads.Count);
        Assert.All(all.Memories, stored => Assert.Equal(4, stored.Record.Vector.Length));
    }

    private static async Task<int> CountAsync(Episode episode, Scope scope) =>
        (await episode.Lister.ListAsync(new MemorySelection(Episode.Tenant, scope, null), null, 100, Cancellation)).Memories.Count;
}
