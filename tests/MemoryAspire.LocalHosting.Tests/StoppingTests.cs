using System.Diagnostics;
using Aspire.Hosting.Orchestration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace MemoryAspire.LocalHosting.Tests;

public sealed class StoppingTests : TestApplication
{
    [Fact]
    public async Task Users_are_stopped_before_what_they_use()
    {
        const string Script = "trap 'echo {0} >> stopped; exit 0' TERM; echo up > {0}; while :; do sleep 0.05; done";
        var database = AddShell("database", Script.Replace("{0}", "database", StringComparison.Ordinal));
        var index = AddShell("index", Script.Replace("{0}", "index", StringComparison.Ordinal)).WaitFor(database);
        AddShell("api", Script.Replace("{0}", "api", StringComparison.Ordinal)).WaitFor(index);
        await using var application = Builder.Build();
        await application.StartAsync(Patience);
        foreach (var name in new[] { "database", "index", "api" }) await TextOfAsync(name);

        await application.StopAsync(Patience);
        Assert.Equal(["api", "index", "database"], File.ReadLines(PathOf("stopped")));
    }

    [Fact]
    public async Task A_process_that_ignores_the_signal_is_killed_with_all_it_started()
    {
        AddShell("stubborn", "trap '' TERM; sleep 300 & echo $! > grandchild; echo $$ > child; wait; while :; do sleep 1; done");
        await using var application = Builder.Build();
        await application.StartAsync(Patience);
        var child = await NumberInAsync("child");
        var grandchild = await NumberInAsync("grandchild");

        var took = Stopwatch.StartNew();
        await application.StopAsync(Patience);
        Assert.InRange(took.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(12));
        await Poll.UntilAsync(() => !Poll.IsAlive(child) && !Poll.IsAlive(grandchild), "nothing is left");
    }

    [Fact]
    public async Task A_start_that_fails_half_way_leaves_no_process()
    {
        AddShell("shell", "echo $$ > child; sleep 300");
        Builder.Services.AddHostedService(_ => new Failing(() => NumberInAsync("child")));
        int child;
        await using (var application = Builder.Build())
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => application.StartAsync(Patience));
            child = await NumberInAsync("child");
            Assert.True(Poll.IsAlive(child));
        }

        Assert.False(Poll.IsAlive(child));
    }

    [Fact]
    public async Task Children_end_when_their_host_is_killed()
    {
        using var host = StartHost();
        var child = await NumberInAsync("child");
        var grandchild = await NumberInAsync("grandchild");
        Assert.True(Poll.IsAlive(child));

        host.Kill();
        await Poll.UntilAsync(() => !Poll.IsAlive(child) && !Poll.IsAlive(grandchild), "the children of the killed host end");
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_signal_stops_the_host_and_its_children(string signal)
    {
        using var host = StartHost();
        var child = await NumberInAsync("child");
        using (var kill = Process.Start("kill", ["-s", signal, host.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)])) await kill.WaitForExitAsync(Patience);
        await host.WaitForExitAsync(Patience);
        Assert.Equal(0, host.ExitCode);
        Assert.False(Poll.IsAlive(child));
        Assert.True(File.Exists(PathOf("returned")));
    }

    [Fact]
    public void Resources_that_wait_for_each_other_are_stopped_together()
    {
        var one = AddShell("one", "true");
        var two = AddShell("two", "true").WaitFor(one);
        var three = AddShell("three", "true").WaitFor(two);
        one.WaitFor(two);
        var layers = Dependencies.StopLayers([one.Resource, two.Resource, three.Resource]);
        Assert.Equal(2, layers.Count);
        Assert.Equal([three.Resource], layers[0]);
        Assert.Equal([one.Resource, two.Resource], layers[1]);
    }

    private Process StartHost() => Process.Start(new ProcessStartInfo(Aspire.Hosting.Processes.ProgramFinder.DotNet)
    {
        ArgumentList = { "exec", TestHostAssembly, $"--directory={DirectoryPath}" },
        RedirectStandardOutput = true,
    })!;

    private sealed class Failing(Func<Task> first) : IHostedService
    {
        public async Task StartAsync(CancellationToken cancellationToken)
        {
            await first();
            throw new InvalidOperationException("half way");
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
