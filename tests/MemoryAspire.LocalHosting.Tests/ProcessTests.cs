using System.Diagnostics;
using Aspire.Hosting.Testing;

namespace MemoryAspire.LocalHosting.Tests;

public sealed class ProcessTests : TestApplication
{
    [Fact]
    public async Task A_killed_process_is_noticed_and_starts_again_on_the_same_port()
    {
        await File.WriteAllTextAsync(PathOf("well"), "", Patience);
        AddServer("server");
        await using var application = Builder.Build();
        await application.StartAsync(Patience);
        var before = await application.ResourceNotifications.WaitForResourceHealthyAsync("server", Patience);
        var endpoint = application.GetEndpoint("server");

        Process.GetProcessById(PidOf(before)).Kill();
        var ended = await application.ResourceNotifications.WaitForResourceAsync("server", e => e.Snapshot.State?.Text == KnownResourceStates.Finished, Patience);
        Assert.Equal(137, ended.Snapshot.ExitCode);
        Assert.Null(ended.Snapshot.HealthStatus);

        Assert.True((await application.ResourceCommands.ExecuteCommandAsync("server", "start", Patience)).Success);
        var after = await application.ResourceNotifications.WaitForResourceHealthyAsync("server", WaitBehavior.WaitOnResourceUnavailable, Patience);
        Assert.NotEqual(PidOf(before), PidOf(after));
        Assert.Equal(endpoint, application.GetEndpoint("server"));
    }

    [Fact]
    public async Task Restarting_a_resource_gives_it_another_process()
    {
        AddShell("shell", "echo $$ >> pids; sleep 60");
        await using var application = Builder.Build();
        await application.StartAsync(Patience);
        await TextOfAsync("pids");
        await application.ResourceCommands.ExecuteCommandAsync("shell", "restart", Patience);
        await Poll.UntilAsync(() => File.Exists(PathOf("pids")) && File.ReadLines(PathOf("pids")).Distinct().Count() == 2, "two processes have run");
    }

    [Fact]
    public async Task A_program_that_is_missing_is_named()
    {
        Builder.AddExecutable("ghost", "no-such-program", "/");
        await using var application = Builder.Build();
        await application.StartAsync(Patience);
        await application.ResourceNotifications.WaitForResourceAsync("ghost", KnownResourceStates.FailedToStart, Patience);
        Assert.Contains(Lines(application, "ghost"), line => line.Contains("'no-such-program' was not found", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named()
    {
        using var other = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        other.Start();
        var port = ((System.Net.IPEndPoint)other.LocalEndpoint).Port;
        AddShell("shell", "sleep 60").WithHttpEndpoint(port: port);
        await using var application = Builder.Build();
        var refused = await Assert.ThrowsAsync<DistributedApplicationException>(() => application.StartAsync(Patience));
        Assert.Contains($"The port {port} of the resource 'shell' is taken", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_resources_of_one_name_are_refused()
    {
        AddShell("one", "sleep 60");
        Assert.Throws<DistributedApplicationException>(() => AddShell("ONE", "sleep 60"));
    }

    private static IReadOnlyList<string> Lines(DistributedApplication application, string name) =>
        ((Aspire.Hosting.Processes.ResourceConsole)application.Services.GetService(typeof(Aspire.Hosting.Processes.ResourceConsole))!).LastLines(name);

    private static int PidOf(ResourceEvent happened) =>
        (int)happened.Snapshot.Properties.Single(property => property.Name == "executable.pid").Value!;
}
