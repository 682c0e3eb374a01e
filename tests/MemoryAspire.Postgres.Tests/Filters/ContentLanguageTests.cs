using MemoryAspire.Postgres.Searching;
using MemoryAspire.TestStores;

namespace MemoryAspire.Postgres.Tests.Filters;

public sealed class ContentLanguageTests(StoresFixture stores)
{
    [Fact]
    public async Task Another_language_splits_contents_anew_and_the_same_changes_nothing()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        await episode.CommitAsync(episode.NewMemory("Die Katzen liefen"));

        Assert.False(await EnsureAsync(episode, "english"));
        Assert.True(await EnsureAsync(episode, "german"));
        Assert.False(await EnsureAsync(episode, "german"));

        Assert.Equal("'katz':2 'lief':3", await episode.ScalarAsync<string>("select content_search::text from memories"));
        Assert.Equal(1L, await episode.ScalarAsync<long>("select count(*) from pg_indexes where indexname = 'memories_by_content'"));
    }

    [Fact]
    public async Task A_language_that_is_not_there_is_refused_and_nothing_changes()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());

        await Assert.ThrowsAsync<UnknownLanguageException>(() => EnsureAsync(episode, "klingon'; drop table memories"));
        await Assert.ThrowsAsync<UnknownLanguageException>(() => EnsureAsync(episode, "klingon"));

        Assert.False(await EnsureAsync(episode, "english"));
    }

    private static Task<bool> EnsureAsync(Episode episode, string language) =>
        new ContentLanguage(episode.Source, new SearchLanguage(language)).EnsureAsync(TestContext.Current.CancellationToken);
}
