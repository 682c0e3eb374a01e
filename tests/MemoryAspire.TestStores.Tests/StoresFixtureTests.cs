namespace MemoryAspire.TestStores.Tests;

public sealed class StoresFixtureTests
{
    [Fact]
    public async Task Each_server_is_started_once_and_only_when_asked_for()
    {
        await using var stores = new StoresFixture();

        var asked = await Task.WhenAll(stores.RedisAsync(), stores.RedisAsync());

        Assert.Same(asked[0], asked[1]);
        Assert.NotEqual(await stores.CreateRedisDatabaseAsync(), await stores.CreateRedisDatabaseAsync());
    }
}
