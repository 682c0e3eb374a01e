using FsCheck.Xunit;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;

namespace MemoryAspire.Contracts.Tests;

public sealed class ConsistencyTokenTests
{
    private static readonly Incarnation Here = new(0xC0FFEE01);

    [Property]
    public bool A_token_reads_back_as_it_was_written(Dictionary<byte, long> seen)
    {
        var positions = seen.Where(pair => pair.Value > 0).Select(Pair).ToList();
        var token = ConsistencyToken.Empty(Here).Seeing(positions);
        return ConsistencyToken.TryParse(token.ToString(), out var read)
            && read.Incarnation == Here
            && read.Positions.SequenceEqual(positions.OrderBy(pair => pair.Key));
    }

    [Property]
    public bool Merging_takes_the_higher_position_of_each_partition(Dictionary<byte, long> left, Dictionary<byte, long> right)
    {
        var merged = ConsistencyToken.Empty(Here).Seeing(left.Select(Pair)).Seeing(right.Select(Pair));
        return Partition.All.All(partition =>
            merged[partition].Value == Math.Max(0, Math.Max(left.GetValueOrDefault(partition.Value), right.GetValueOrDefault(partition.Value))));
    }

    [Property]
    public bool Arbitrary_text_is_refused_or_reads_back_as_itself(string text) =>
        !ConsistencyToken.TryParse(text, out var token) || token.ToString() == text;

    [Theory]
    [InlineData(1)]
    [InlineData(1_000_000)]
    [InlineData(1L << 42)]
    public void A_token_of_one_partition_is_shorter_than_24_characters(long position) =>
        Assert.InRange(ConsistencyToken.Empty(Here).Seeing(new Partition(255), new Position(position)).ToString().Length, 14, 22);

    [Fact]
    public void Every_changed_character_is_noticed()
    {
        var text = ConsistencyToken.Empty(Here).Seeing(new Partition(7), new Position(300)).Seeing(new Partition(200), new Position(5)).ToString();
        var accepted = 0;
        for (var at = 0; at < text.Length; at++)
        {
            foreach (var other in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".Where(other => other != text[at]))
            {
                if (ConsistencyToken.TryParse($"{text[..at]}{other}{text[(at + 1)..]}", out _)) accepted++;
            }
        }

        Assert.Equal(0, accepted);
    }

    [Fact]
    public void The_fullest_token_is_within_its_bound()
    {
        var full = ConsistencyToken.Empty(Here).Seeing(Partition.All.Select(partition => KeyValuePair.Create(partition, new Position(long.MaxValue))));

        Assert.True(full.ToString().Length <= ConsistencyToken.LengthMax);
        Assert.True(ConsistencyToken.TryParse(full.ToString(), out var read));
        Assert.Equal(Partition.Count, read.Positions.Count());
    }

    private static KeyValuePair<Partition, Position> Pair(KeyValuePair<byte, long> pair) =>
        KeyValuePair.Create(new Partition(pair.Key), new Position(pair.Value));
}
