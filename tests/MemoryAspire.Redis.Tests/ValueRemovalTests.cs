using MemoryAspire.Contracts.Positions;
using MemoryAspire.Redis.Repair;
using MemoryAspire.Redis.Values;
using MemoryAspire.Redis.Tests.Servers;

namespace MemoryAspire.Redis.Tests;

public abstract class ValueRemovalTests(RedisServers stores)
{
    [Fact]
    public async Task Removed_values_are_read_from_postgres_and_filled_again()
    {
        await using var tier = await Tier.OpenAsync(await stores.CreateRedisDatabaseAsync());
        await tier.BeginAsync();
        var (wrong, kept, absent) = (tier.NewId(1), tier.NewId(2), tier.NewId(3));
        await tier.ApplyAsync(tier.Event(1, wrong, 1), tier.Event(2, kept, 1));

        await new ValueRemoval(tier.Connection).RemoveAsync([wrong, absent]);

        Assert.Null(await tier.ReadAsync(wrong, ReadLevel.Eventual));
        Assert.NotNull(await tier.ReadAsync(kept, atLeast: 2));
        Assert.True(await tier.Memory.FillAsync(tier.Row(wrong, 1, 1), new Position(2), Tier.Here));
        Assert.NotNull(await tier.ReadAsync(wrong, atLeast: 2));
    }

    [Fact]
    public async Task A_removal_does_not_let_an_older_state_back_in()
    {
        await using var tier = await Tier.OpenAsync(await stores.CreateRedisDatabaseAsync());
        await tier.BeginAsync();
        var id = tier.NewId(1);
        await tier.ApplyAsync(tier.Event(2, id, 2));

        await new ValueRemoval(tier.Connection).RemoveAsync([id]);
        await tier.ApplyAsync(tier.Event(1, id, 1));

        Assert.Null(await tier.ReadAsync(id, ReadLevel.Eventual));
        Assert.False(await tier.Memory.FillAsync(tier.Row(id, 1, 1), new Position(1), Tier.Here));
        Assert.Equal(3, await tier.ApplyAsync(tier.Event(3, id, 3)));
        Assert.Equal(3, (await tier.ReadAsync(id, atLeast: 3))!.Version);
    }
}
