using System.Text.Json;
using MemoryAspire.Postgres.Writes;
using MemoryAspire.TestStores;

namespace MemoryAspire.Postgres.Tests;

public sealed class KeptAnswersTests(StoresFixture stores)
{
    private static readonly IdempotencyKey Key = new("key-1", new byte[] { 1, 2, 3 });

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_answer_is_kept_exactly_if_the_work_is()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());

        Assert.Null(await StepAsync(episode, "lost", done: true, commit: false));
        Assert.Null(await StepAsync(episode, "kept", done: true));

        Assert.Equal(("\"kept\"", true), Kept(await TakeAsync(episode, Key)));
    }

    [Fact]
    public async Task Unfinished_work_goes_on_from_the_answer_so_far()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());

        Assert.Null(await StepAsync(episode, 100, done: false));
        Assert.Equal(("100", false), Kept(await StepAsync(episode, 150, done: true)));

        Assert.Equal(("150", true), Kept(await TakeAsync(episode, Key)));
    }

    [Fact]
    public async Task Another_request_is_told_so_also_when_the_key_made_a_memory()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        await StepAsync(episode, "kept", done: true);
        await episode.Writer.WriteAsync(
            new WriteTransaction(Guid.CreateVersion7(), Episode.Tenant, "tester", Episode.Model, [episode.NewMemory("x")], Key with { Text = "key-2" }), Cancellation);

        Assert.IsType<KeptAnswer.Reused>(await TakeAsync(episode, Key with { RequestHash = new byte[] { 9 } }));
        Assert.IsType<KeptAnswer.Reused>(await TakeAsync(episode, new IdempotencyKey("key-2", new byte[] { 9 })));
        Assert.Null(await TakeAsync(episode, Key, "other tenant"));
    }

    [Fact]
    public async Task A_repetition_waits_two_seconds_for_the_first_and_gives_up()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        await using var connection = await episode.Source.OpenConnectionAsync(Cancellation);
        await using var first = await connection.BeginTransactionAsync(Cancellation);
        Assert.Null(await KeptAnswers.TakeAsync(first, Episode.Tenant, Key, Cancellation));

        var begun = TimeProvider.System.GetTimestamp();
        Assert.IsType<KeptAnswer.InFlight>(await TakeAsync(episode, Key));

        Assert.True(TimeProvider.System.GetElapsedTime(begun) >= TimeSpan.FromSeconds(1.9));
        await first.RollbackAsync(Cancellation);
        Assert.Null(await TakeAsync(episode, Key));
    }

    [Fact]
    public async Task A_key_is_free_again_after_a_day()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        await StepAsync(episode, "yesterday", done: true);
        await using (var command = episode.Source.CreateCommand("update idempotency_keys set created_at = created_at - interval '25 hours'"))
        {
            await command.ExecuteNonQueryAsync(Cancellation);
        }

        Assert.Null(await StepAsync(episode, "today", done: true));
        Assert.Equal(("\"today\"", true), Kept(await TakeAsync(episode, Key)));
    }

    [Fact]
    public async Task An_answer_needs_a_key_that_was_taken()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        await using var connection = await episode.Source.OpenConnectionAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);

        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            KeptAnswers.KeepAsync(transaction, Episode.Tenant, Key, JsonSerializer.SerializeToElement(1), done: true, Cancellation));
    }

    /// <summary>Takes the key and keeps an answer, in one transaction.</summary>
    private static async Task<KeptAnswer?> StepAsync<T>(Episode episode, T answer, bool done, bool commit = true)
    {
        await using var connection = await episode.Source.OpenConnectionAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        var before = await KeptAnswers.TakeAsync(transaction, Episode.Tenant, Key, Cancellation);
        await KeptAnswers.KeepAsync(transaction, Episode.Tenant, Key, JsonSerializer.SerializeToElement(answer), done, Cancellation);
        if (commit) await transaction.CommitAsync(Cancellation);
        return before;
    }

    private static async Task<KeptAnswer?> TakeAsync(Episode episode, IdempotencyKey key, string tenant = Episode.Tenant)
    {
        await using var connection = await episode.Source.OpenConnectionAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        return await KeptAnswers.TakeAsync(transaction, tenant, key, Cancellation);
    }

    private static (string Answer, bool Done) Kept(KeptAnswer? answer)
    {
        var kept = Assert.IsType<KeptAnswer.Kept>(answer);
        return (kept.Answer.GetRawText(), kept.Done);
    }
}
