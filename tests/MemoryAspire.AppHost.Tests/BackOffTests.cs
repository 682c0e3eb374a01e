using MemoryAspire.AppHost.Supervision;

namespace MemoryAspire.AppHost.Tests;

public sealed class BackOffTests
{
    [Fact]
    public void Each_wait_is_twice_the_last_up_to_the_longest()
    {
        var backOff = new BackOff();
        var waits = Enumerable.Range(0, 9).Select(_ => backOff.AfterRunOf(TimeSpan.Zero).TotalSeconds);
        Assert.Equal([0.25, 0.5, 1, 2, 4, 8, 15, 15, 15], waits);
    }

    [Fact]
    public void A_steady_run_begins_anew()
    {
        var backOff = new BackOff();
        for (var i = 0; i < 5; i++) backOff.AfterRunOf(TimeSpan.Zero);
        Assert.Equal(BackOff.Shortest, backOff.AfterRunOf(BackOff.Steady));
    }
}
