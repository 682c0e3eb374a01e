using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Index;
using MemoryAspire.Coordination.Participants;
using MemoryAspire.Postgres.Reconciliation;
using MemoryAspire.Reconciliation.Indexes;
using MemoryAspire.Reconciliation.Values;

namespace MemoryAspire.Reconciliation.Tests;

/// <summary>What is decided without a store.</summary>
[Collection("stack")]
public sealed class PlanTests
{
    private static readonly Partition Partition = new(3);

    [Fact]
    public void Whatever_the_sides_do_not_share_is_found()
    {
        var random = new Random(2);
        var ids = Enumerable.Range(0, 6).Select(_ => MemoryId.Create(Partition, DateTimeOffset.UnixEpoch, random)).ToList();
        var rows = new[] { Row(ids[0], 1, 10), Row(ids[1], 2, 11), Row(ids[2], 1, 12), Row(ids[3], 1, 13) };
        var records = new[] { Record(ids[0], 1, 10), Record(ids[1], 1, 11), Record(ids[2], 1, 99), Record(ids[4], 1, 14) };

        Assert.Equal([ids[1], ids[2], ids[3], ids[4]], Narrowing.Between(rows, records));
        Assert.Empty(Narrowing.Between(rows, rows.Select(row => Record(row.Id, row.Version, row.Digest))));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(1000)]
    public async Task The_parts_of_a_range_are_the_range(int count)
    {
        var random = new Random(count);
        var rows = Enumerable.Range(0, count).Select(number => Row(MemoryId.Create(Partition, DateTimeOffset.UnixEpoch, random), 1, (ulong)random.NextInt64())).ToList();
        var side = new ReadSide(rows);
        var whole = new RowRange(Partition, null, null);

        var parts = await side.SplitAsync([whole], TestContext.Current.CancellationToken);

        Assert.InRange(parts.Count, 1, RowDigests.Ways);
        Assert.Equal((count, rows.Aggregate(0UL, (digest, row) => digest ^ row.Digest)), (parts.Sum(part => part.Count), parts.Aggregate(0UL, (digest, part) => digest ^ part.Digest)));
        Assert.Equal((null, null), (parts[0].Range.From, parts[^1].Range.Until));
        for (var part = 1; part < parts.Count; part++) Assert.Equal(parts[part - 1].Range.Until, parts[part].Range.From);
        Assert.Equal(rows.Count, (await side.ListAsync([.. parts.Select(part => part.Range)], TestContext.Current.CancellationToken)).Distinct().Count());
    }

    [Theory]
    [InlineData(20, 30, 0.2, 70)]
    [InlineData(20, 100, 0.2, 0)]
    [InlineData(20, 300, 0.2, 0)]
    [InlineData(0, 0, 0.2, 0)]
    [InlineData(900, 900, 0.1, 1000)]
    public void A_pause_keeps_to_the_budget(int used, int passed, double share, int pause) =>
        Assert.Equal(TimeSpan.FromMilliseconds(pause), CpuBudget.Pause(TimeSpan.FromMilliseconds(used), TimeSpan.FromMilliseconds(passed), share));

    private static RowDigest Row(MemoryId id, long version, ulong digest) => new(id, version, digest);

    private static RangesReply.Types.Record Record(MemoryId id, long version, ulong digest) => new() { Id = id.ToBytes(), Version = version, Digest = digest };
}
