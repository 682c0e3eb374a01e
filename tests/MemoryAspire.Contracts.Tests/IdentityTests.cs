using FsCheck.Xunit;
using MemoryAspire.Contracts.Identity;

namespace MemoryAspire.Contracts.Tests;

public sealed class IdentityTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, 123, TimeSpan.Zero);

    [Property]
    public bool An_id_carries_its_partition(byte partition, int seed)
    {
        var id = MemoryId.Create(new Partition(partition), Noon, new Random(seed));
        return id.Partition.Value == partition && MemoryId.TryParse(id.ToString(), out var read) && read == id;
    }

    [Fact]
    public void An_id_is_a_version_7_uuid_of_its_time()
    {
        var id = MemoryId.Create(new Partition(200), Noon, new Random(1));

        Assert.Equal(7, id.Value.Version);
        Assert.InRange(id.Value.Variant, 8, 11);
        Assert.StartsWith($"{Noon.ToUnixTimeMilliseconds():x12}"[..8], id.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("0198c0de-0000-4000-8000-000000000000")]
    [InlineData("{0198c0de-0000-70ff-8000-000000000000}")]
    [InlineData("0198c0de-0000-71ff-8000-000000000000")]
    [InlineData("0198c0de-0000-70ff-c000-000000000000")]
    public void What_is_not_the_id_of_a_memory_is_refused(string text) => Assert.False(MemoryId.TryParse(text, out _));

    [Fact]
    public void Ids_order_as_their_bytes_do()
    {
        var random = new Random(5);
        var ids = Enumerable.Range(0, 100).Select(at => MemoryId.Create(Partition.Any(random), Noon.AddMilliseconds(at), random)).ToList();

        Assert.Equal(ids, ids.Order());
    }

    [Fact]
    public void A_users_partition_never_changes()
    {
        // The place of every memory that was ever stored depends on these.
        Assert.Equal(Partition.Of("default", "ada"), Partition.Of("default", "ada"));
        Assert.Equal<byte>([141, 48, 156], [Partition.Of("default", "ada").Value, Partition.Of("default", "").Value, Partition.Of("t", "ünïcode 記憶").Value]);
        Assert.NotEqual(Partition.Hash("ab", "c"), Partition.Hash("a", "bc"));
    }

    [Fact]
    public void Users_spread_over_all_partitions() =>
        Assert.Equal(Partition.Count, Enumerable.Range(0, 10_000).Select(user => Partition.Of("default", $"user-{user}")).Distinct().Count());
}
