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
    [InlineData(ReadLevel.Eventual, 0, true)]
    [InlineData(ReadLevel.Eventual, 11, true)]
    [InlineData(ReadLevel.Session, 0, true)]
    [InlineData(ReadLevel.Session, 10, true)]
    [InlineData(ReadLevel.Session, 11, false)]
    [InlineData(ReadLevel.Strong, 0, false)]
    public void A_level_is_served_as_far_as_the_partition_is_applied(ReadLevel level, long atLeast, bool served) =>
        Assert.Equal(served, Serves(level, atLeast));

    [Theory]
    [InlineData(ReadLevel.Eventual)]
    [InlineData(ReadLevel.Session)]
    [InlineData(ReadLevel.Strong)]
    public void Under_an_intent_no_level_is_served(ReadLevel level) => Assert.False(Serves(level, intended: true));

    [Fact]
    public void Without_control_or_value_nothing_is_served()
    {
        Assert.False(ReadDecision.Serves(ReadLevel.Eventual, Position.None, Here, "t", Now, null, false, Value));
        Assert.False(ReadDecision.Serves(ReadLevel.Eventual, Position.None, Here, "t", Now, Control, false, null));
    }

    [Fact]
    public void A_value_of_another_epoch_database_or_tenant_is_not_served()
    {
        Assert.False(Serves(value: Value with { Epoch = "e0" }));
        Assert.False(Serves(value: Value with { Tenant = "other" }));
        Assert.False(Serves(control: Control with { Incarnation = new Incarnation(2) }));
    }

    [Fact]
    public void A_value_is_served_until_the_instant_it_expires()
    {
        Assert.True(Serves(value: Value with { ExpiresAt = Now.AddTicks(1) }));
        Assert.False(Serves(value: Value with { ExpiresAt = Now }));
    }

    private static bool Serves(
        ReadLevel level = ReadLevel.Eventual, long atLeast = 0, PartitionControl? control = null, bool intended = false, CachedMemory? value = null) =>
        ReadDecision.Serves(level, new Position(atLeast), Here, "t", Now, control ?? Control, intended, value ?? Value);
}
