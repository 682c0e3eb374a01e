using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Postgres.Log;
using MemoryAspire.TestStores;
using Microsoft.Extensions.Logging.Abstractions;

namespace MemoryAspire.Postgres.Tests;

public sealed class LogFollowerTests(StoresFixture stores)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_pass_applies_everything_up_to_the_heads_in_order()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        foreach (var user in Enumerable.Range(0, 40)) await episode.WriteAsync([.. Enumerable.Range(0, 30).Select(at => episode.NewMemory($"m {at}", $"user {user}"))]);
        var tier = new RecordingTier();

        await Follower(episode).CatchUpAsync(tier, Cancellation);
        await Follower(episode).CatchUpAsync(tier, Cancellation);

        Assert.Equal(1200, tier.Events.Count);
        Assert.True(tier.BatchMost < LogFollower.BatchMax + 30);
        foreach (var partition in tier.Events.GroupBy(@event => @event.Partition))
        {
            Assert.Equal(Enumerable.Range(1, partition.Count()).Select(at => (long)at), partition.Select(@event => @event.Position.Value));
        }
    }

    [Theory]
    [InlineData(498)]
    [InlineData(499)]
    [InlineData(500)]
    public async Task A_transaction_is_never_cut_within_a_partition(int before)
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        var vector = new byte[] { 0, 0, 0, 64 };
        await episode.WriteAsync([.. Enumerable.Range(0, before).Select(at => episode.NewMemory($"m {at}"))]);
        await episode.WriteAsync([.. Enumerable.Range(0, 700).Select(at => episode.NewMemory($"n {at}", vector: vector))]);
        await episode.CommitAsync(episode.NewMemory("after"));
        var tier = new RecordingTier { VectorsOf = Episode.Model };

        await Follower(episode).CatchUpAsync(tier, Cancellation);

        Assert.Equal(before + 701, tier.Events.Count);
        var transactions = tier.Batches.Select(batch => batch.Select(@event => @event.TransactionId).Distinct().ToList()).ToList();
        Assert.Equal(3, transactions.Sum(batch => batch.Count));
        Assert.All(tier.Events.Skip(before).Take(700), @event => Assert.Equal(vector, @event.State!.Vector.ToArray()));
    }

    [Fact]
    public async Task A_pass_resumes_from_what_the_tier_has_applied()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        for (var at = 0; at < 5; at++) await episode.CommitAsync(episode.NewMemory($"m {at}"));
        var tier = new RecordingTier();
        tier.Applied[Partition.Of(Episode.Tenant, "ada").Value] = new Position(3);

        await Follower(episode).CatchUpAsync(tier, Cancellation);

        Assert.Equal([4, 5], tier.Events.Select(@event => @event.Position.Value));
    }

    [Fact]
    public async Task A_write_arrives_at_a_running_follower_also_after_postgres_was_killed()
    {
        await using var server = await PostgresServer.StartAsync();
        await using var episode = await Episode.BeginAsync(await server.CreateDatabaseAsync());
        await episode.Hints.StartAsync(Cancellation);
        var tier = new RecordingTier();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var running = Follower(episode).RunAsync(tier, _ => false, () => { }, stop.Token);

        await episode.CommitAsync(episode.NewMemory("before"));
        await tier.HasAsync(1);
        await server.KillAsync();
        await server.RestartAsync();
        await WriteAgainAsync(episode);
        await tier.HasAsync(2);

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    /// <summary>The first connections of the pool after the crash are broken ones.</summary>
    private static async Task WriteAgainAsync(Episode episode)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await episode.CommitAsync(episode.NewMemory("after"));
                return;
            }
            catch (Npgsql.NpgsqlException) when (attempt < 20)
            {
                await Task.Delay(100, Cancellation);
            }
        }
    }

    private static LogFollower Follower(Episode episode) => new(episode.Source, episode.Log, TimeProvider.System, NullLogger<LogFollower>.Instance);

    private sealed class RecordingTier : ILogConsumer
    {
        private readonly SemaphoreSlim _arrived = new(0);

        public Position[] Applied { get; } = new Position[Partition.Count];

        public List<MemoryEvent> Events { get; } = [];

        public List<IReadOnlyList<MemoryEvent>> Batches { get; } = [];

        public int BatchMost => Batches.Max(batch => batch.Count);

        public string? VectorsOf { get; init; }

        public Task<IReadOnlyList<Position>> ReadAppliedAsync(LogHeads heads, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<Position>>([.. Applied]);

        public Task ApplyAsync(LogHeads heads, IReadOnlyList<MemoryEvent> events, CancellationToken cancellationToken)
        {
            Batches.Add(events);
            foreach (var @event in events)
            {
                Assert.Equal(Applied[@event.Partition.Value].Next, @event.Position);
                Applied[@event.Partition.Value] = @event.Position;
                Events.Add(@event);
                _arrived.Release();
            }

            return Task.CompletedTask;
        }

        public async Task HasAsync(int count)
        {
            while (Events.Count < count) Assert.True(await _arrived.WaitAsync(TimeSpan.FromSeconds(20), Cancellation), "No event arrived within 20 s.");
        }
    }
}
