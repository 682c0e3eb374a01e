using MemoryAspire.Contracts.Positions;
using MemoryAspire.Redis.Control;
using MemoryAspire.Redis.Values;

namespace MemoryAspire.Redis.Tests;

public sealed class ReadDecisionTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Incarnation Here = new(1);
    private static readonly PartitionControl Control = new("e1", Here, new Position(10));
    private static readonly CachedMemory Value = new("e1", "t", 3, new Position(7), null, default);

    [Theory]
    [InlineData(ReadLevel.Eventual, 0, ReadVerdict.Served)]
    [InlineData(ReadLevel.Eventual, 11, ReadVerdict.Served)]
    [InlineData(ReadLevel.Session, 0, ReadVerdict.Served)]
    [InlineData(ReadLevel.Session, 10, ReadVerdict.Served)]
    [InlineData(ReadLevel.Session, 11, ReadVerdict.Behind)]
    [InlineData(ReadLevel.Strong, 0, ReadVerdict.Unasked)]
    public void A_level_is_served_as_far_as_the_partition_is_applied(ReadLevel level, long atLeast, ReadVerdict verdict) =>
        Assert.Equal(verdict, Of(level, atLeast));

    [Theory]
    [InlineData(ReadLevel.Eventual)]
    [InlineData(ReadLevel.Session)]
    public void Under_an_intent_no_level_is_served(ReadLevel level) => Assert.Equal(ReadVerdict.Intended, Of(level, intended: true));

    [Fact]
    public void Without_control_or_value_nothing_is_served()
    {
        Assert.Equal(ReadVerdict.NoEpoch, ReadDecision.Of(ReadLevel.Eventual, Position.None, Here, "t", Now, null, false, Value));
        Assert.Equal(ReadVerdict.Absent, ReadDecision.Of(ReadLevel.Eventual, Position.None, Here, "t", Now, Control, false, null));
    }

    [Fact]
    public void A_value_of_another_epoch_database_or_tenant_is_not_served()
    {
        Assert.Equal(ReadVerdict.Absent, Of(value: Value with { Epoch = "e0" }));
        Assert.Equal(ReadVerdict.Absent, Of(value: Value with { Tenant = "other" }));
        Assert.Equal(ReadVerdict.NoEpoch, Of(control: Control with { Incarnation = new Incarnation(2) }));
    }

    [Fact]
    public void A_value_is_served_until_the_instant_it_expires()
    {
        Assert.Equal(ReadVerdict.Served, Of(value: Value with { ExpiresAt = Now.AddTicks(1) }));
        Assert.Equal(ReadVerdict.Absent, Of(value: Value with { ExpiresAt = Now }));
    }

    [Fact]
    public void What_makes_Redis_unusable_is_said_before_what_is_usual()
    {
        Assert.Equal(ReadVerdict.NoEpoch, ReadDecision.Of(ReadLevel.Session, new Position(11), Here, "t", Now, null, true, null));
        Assert.Equal(ReadVerdict.Behind, ReadDecision.Of(ReadLevel.Session, new Position(11), Here, "t", Now, Control, true, null));
        Assert.Equal(ReadVerdict.Intended, ReadDecision.Of(ReadLevel.Session, new Position(10), Here, "t", Now, Control, true, null));
    }

    private static ReadVerdict Of(
        ReadLevel level = ReadLevel.Eventual, long atLeast = 0, PartitionControl? control = null, bool intended = false, CachedMemory? value = null) =>
        ReadDecision.Of(level, new Position(atLeast), Here, "t", Now, control ?? Control, intended, value ?? Value);
}
