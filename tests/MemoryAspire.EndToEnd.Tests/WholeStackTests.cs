using System.Diagnostics;
using System.Net;

[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace MemoryAspire.EndToEnd.Tests;

public sealed class WholeStackTests
{
    [Fact]
    public async Task A_memory_makes_the_round_trip_and_survives_the_restart_of_everything()
    {
        await using var stack = await WholeStack.StartAsync();
        var tea = await stack.Client.AddAsync("Ada drinks tea every morning.", "ada", stack.Patience);
        await stack.Client.AddAsync("The car needs new tyres.", "ada", stack.Patience);
        var doomed = await stack.Client.AddAsync("Ada drinks coffee every morning.", "ada", stack.Patience);
        using (var deleted = await stack.Client.DeleteAsync(new Uri($"/v1/memories/{doomed}", UriKind.Relative), stack.Patience))
        {
            Assert.Equal("postgres=applied, redis=applied, index=applied", string.Join("", deleted.Headers.GetValues("Memory-Tiers")));
        }

        await AssertKnownAsync();
        foreach (var resource in WholeStack.Resources)
        {
            await stack.RestartAsync(resource);
            await stack.UntilInStepAsync();
            await AssertKnownAsync();
        }

        await stack.StopAsync();
        await stack.StartAgainAsync();
        await AssertKnownAsync();

        async Task AssertKnownAsync()
        {
            Assert.Equal("Ada drinks tea every morning.", await stack.Client.ContentAsync(tea, stack.Patience));
            Assert.Equal(
                ["Ada drinks tea every morning.", "The car needs new tyres."],
                await stack.Client.SearchAsync("which beverage does she like at breakfast?", "ada", 10, stack.Patience));
            using var gone = await stack.Client.GetAsync(new Uri($"/v1/memories/{doomed}", UriKind.Relative), stack.Patience);
            Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        }
    }

    [Fact]
    public async Task After_the_death_of_any_part_the_stack_heals_and_nothing_acknowledged_is_lost()
    {
        await using var stack = await WholeStack.StartAsync();
        foreach (var resource in WholeStack.Resources)
        {
            var acknowledged = await WriteThroughDeathAsync(stack, resource);

            Assert.NotEmpty(acknowledged);
            await stack.UntilInStepAsync();
            foreach (var (id, content) in acknowledged) Assert.Equal(content, await stack.Client.ContentAsync(id, stack.Patience));
            var found = await stack.Client.SearchAsync($"note taken around the death of {resource}", resource, 1000, stack.Patience);
            Assert.Empty(acknowledged.Values.Except(found));
            Assert.Equal(found.Count, found.Distinct().Count());
        }
    }

    [Fact]
    public async Task A_stopped_stack_leaves_no_process()
    {
        var stack = await WholeStack.StartAsync();
        var processes = new List<int>();
        foreach (var resource in WholeStack.Resources) processes.Add(await stack.RunningAsync(resource));

        await stack.DisposeAsync();

        Assert.DoesNotContain(Process.GetProcesses(), process => processes.Contains(process.Id));
    }

    /// <summary>Writes without a pause, kills the resource in between, and goes on until it is back and some more writes were acknowledged.</summary>
    private static async Task<Dictionary<string, string>> WriteThroughDeathAsync(WholeStack stack, string resource)
    {
        var acknowledged = new Dictionary<string, string>();
        for (var note = 0; note < 20; note++) await WriteAsync(note);
        var killed = await stack.KillAsync(resource);
        var back = stack.RunningAsync(resource, other: killed);
        var number = 20;
        for (; !back.IsCompleted && number < 900; number++)
        {
            await WriteAsync(number);

            // A part that is away answers at once; without a pause this would be all it hears.
            await Task.Delay(20, stack.Patience);
        }

        await back;
        for (var healed = 0; healed < 20; number++)
        {
            // A breaker that opened lets the first one through after a second.
            if (await WriteAsync(number)) healed++;
            else await Task.Delay(20, stack.Patience);
        }

        return acknowledged;

        async Task<bool> WriteAsync(int number)
        {
            var content = $"Note {number}, taken around the death of {resource}.";
            if (await stack.Client.TryAddAsync(content, resource, stack.Patience) is not { } id) return false;
            acknowledged.Add(id, content);
            return true;
        }
    }
}
