using System.Globalization;
using MemoryAspire.Redis.Tests.Servers;

namespace MemoryAspire.Redis.Tests.Model;

/// <summary>
/// A real Redis against a dictionary: a read with a token never goes back in time, Redis shows nothing older than it said
/// to have, and a reader without a token never meets half of a transaction over two partitions.
/// </summary>
public abstract class ModelTests(RedisServers stores)
{
    private const int Steps = 10_000;

    /// <summary>Set to repeat a run that failed.</summary>
    private const string SeedVariable = "MEMORY_MODEL_SEED";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(0)]
    public async Task Nobody_meets_the_past_or_half_a_transaction(int seed)
    {
        if (seed == 0) seed = Environment.TickCount;
        if (Environment.GetEnvironmentVariable(SeedVariable) is { } given) seed = int.Parse(given, CultureInfo.InvariantCulture);
        try
        {
            Assert.InRange(await RunAsync(seed, Breakage.None), Steps / 100, Steps);
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"Failed with {SeedVariable}={seed}.", exception);
        }
    }

    [Theory]
    [InlineData(Breakage.NoIntents)]
    [InlineData(Breakage.ReleaseEarly)]
    [InlineData(Breakage.ValueBeforeIntent)]
    [InlineData(Breakage.ValueBeforeControl)]
    [InlineData(Breakage.OldEpochsCount)]
    [InlineData(Breakage.LateEventsWrite)]
    [InlineData(Breakage.OlderVersionsApply)]
    [InlineData(Breakage.GapsArePassed)]
    [InlineData(Breakage.FillsAreNotRefused)]
    [InlineData(Breakage.EpochsAreNotFenced)]
    public async Task Each_rule_is_necessary(Breakage breakage)
    {
        for (var seed = 1; seed <= 50; seed++)
        {
            try
            {
                await RunAsync(seed, breakage);
            }
            catch (Violation violation)
            {
                TestContext.Current.TestOutputHelper?.WriteLine($"Seed {seed}: {violation.Message}");
                return;
            }
        }

        Assert.Fail($"With {breakage} no promise was broken.");
    }

    /// <summary>How many reads Redis served.</summary>
    private async Task<int> RunAsync(int seed, Breakage breakage)
    {
        await using var tier = await Tier.OpenAsync(await stores.CreateRedisDatabaseAsync(), BrokenScripts.Of(breakage));
        var simulation = new Simulation(tier, seed, breakage);
        await simulation.RunAsync(Steps);
        TestContext.Current.TestOutputHelper?.WriteLine($"Seed {seed}: Redis served {simulation.Hits} reads.");
        return simulation.Hits;
    }
}
