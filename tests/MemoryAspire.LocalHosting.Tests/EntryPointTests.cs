using Aspire.Hosting.Testing;

namespace MemoryAspire.LocalHosting.Tests;

public sealed class EntryPointTests : TestApplication
{
    [Fact]
    public async Task A_test_runs_the_entry_point_of_an_application_and_lets_it_return()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Program>([$"--directory={DirectoryPath}"], Patience);
        Assert.Equal("sleeper", Assert.Single(builder.Resources).Name);
        int child;
        await using (var application = await builder.BuildAsync(Patience))
        {
            await application.StartAsync(Patience);
            await application.ResourceNotifications.WaitForResourceHealthyAsync("sleeper", Patience);
            child = await NumberInAsync("child");
            Assert.True(Poll.IsAlive(child));
            Assert.False(File.Exists(PathOf("returned")));
        }

        Assert.False(Poll.IsAlive(child));
        Assert.True(File.Exists(PathOf("returned")));
    }

    [Fact]
    public async Task What_the_entry_point_throws_reaches_the_test()
    {
        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(() => DistributedApplicationTestingBuilder.CreateAsync<Program>(Patience));
        Assert.Equal("no directory was given", thrown.Message);
    }

    [Fact]
    public async Task A_builder_that_is_not_built_lets_the_entry_point_end()
    {
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Program>([$"--directory={DirectoryPath}"], Patience);
        await builder.DisposeAsync();
        Assert.False(File.Exists(PathOf("child")));
    }
}
