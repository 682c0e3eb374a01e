using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MemoryAspire.LocalHosting.Tests;

public sealed class WaitingTests : TestApplication
{
    [Fact]
    public async Task A_resource_starts_only_when_what_it_waits_for_is_healthy()
    {
        var server = AddServer("server");
        AddShell("client", "echo started > client; sleep 60").WaitFor(server);
        await using var application = Builder.Build();
        await application.StartAsync(Patience);

        await application.ResourceNotifications.WaitForResourceAsync("server", KnownResourceStates.Running, Patience);
        await Poll.UntilAsync(() => StateOf(application, "client") == KnownResourceStates.Waiting, "the client waits");
        Assert.False(File.Exists(PathOf("client")));

        await File.WriteAllTextAsync(PathOf("well"), "", Patience);
        await application.ResourceNotifications.WaitForResourceHealthyAsync("client", Patience);
        Assert.Equal("started", await TextOfAsync("client"));
    }

    [Fact]
    public async Task What_waits_starts_after_the_ready_callbacks_have_run()
    {
        var first = AddShell("first", "sleep 60").OnResourceReady(async (_, _, cancellationToken) =>
            await File.WriteAllTextAsync(PathOf("ready"), "", cancellationToken));
        AddShell("second", "test -e ready && echo yes > seen || echo no > seen; sleep 60").WaitFor(first);
        await using var application = Builder.Build();
        await application.StartAsync(Patience);
        Assert.Equal("yes", await TextOfAsync("seen"));
    }

    [Fact]
    public async Task A_ready_callback_that_fails_is_tried_again()
    {
        var attempts = 0;
        var first = AddShell("first", "sleep 60").OnResourceReady((_, _, _) =>
            ++attempts < 3 ? throw new InvalidOperationException("not yet") : Task.CompletedTask);
        AddShell("second", "echo started > second; sleep 60").WaitFor(first);
        await using var application = Builder.Build();
        await application.StartAsync(Patience);
        Assert.Equal("started", await TextOfAsync("second"));
        Assert.Equal(3, attempts);
    }

    [Fact]
    public async Task A_resource_that_waits_for_completion_starts_after_the_exit_code_it_asked_for()
    {
        var first = AddShell("first", "exit 7");
        AddShell("second", "echo started > second; sleep 60").WaitForCompletion(first, exitCode: 7);
        await using var application = Builder.Build();
        await application.StartAsync(Patience);
        Assert.Equal("started", await TextOfAsync("second"));
    }

    [Fact]
    public async Task A_resource_that_turns_sick_is_said_to_be_unhealthy()
    {
        await File.WriteAllTextAsync(PathOf("well"), "", Patience);
        AddServer("server");
        await using var application = Builder.Build();
        await application.StartAsync(Patience);
        await application.ResourceNotifications.WaitForResourceHealthyAsync("server", Patience);

        File.Delete(PathOf("well"));
        var sick = await application.ResourceNotifications.WaitForResourceAsync("server", e => e.Snapshot.HealthStatus == HealthStatus.Unhealthy, Patience);
        Assert.Equal(KnownResourceStates.Running, sick.Snapshot.State!.Text);
    }
}
