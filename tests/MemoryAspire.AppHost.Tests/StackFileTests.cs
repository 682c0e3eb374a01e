using MemoryAspire.AppHost.NativeRedis;
using MemoryAspire.AppHost.Stacks;
using MemoryAspire.AppHost.Supervision;

namespace MemoryAspire.AppHost.Tests;

public sealed class StackFileTests : StackTest
{
    [Fact]
    public async Task The_running_stack_can_be_read_by_others_and_is_gone_when_it_stops()
    {
        var (builder, stack) = NewStack();
        builder.AddNativeRedis("redis", stack.AddSecret("redis-password"), stack);
        await using (var application = builder.Build())
        {
            await application.StartAsync(Patience);
            var pid = await RunningAsync(application, "redis");
            var entry = await EntryAsync(pid);
            Assert.Equal(("redis", "executable", "Running"), (entry.Name, entry.Kind, entry.State));
            Assert.StartsWith("tcp://127.0.0.1:", Assert.Single(entry.Endpoints), StringComparison.Ordinal);
            Assert.Equal([pid], Leftovers.Find(DirectoryPath));
        }

        Assert.False(File.Exists(StackFile.PathIn(DirectoryPath)));
        Assert.Null(DataDirectoryLock.RunningHost(DirectoryPath));
    }

    [Fact]
    public async Task A_resource_that_was_told_to_stop_stays_stopped()
    {
        var (builder, stack) = NewStack();
        builder.AddNativeRedis("redis", stack.AddSecret("redis-password"), stack);
        await using var application = builder.Build();
        await application.StartAsync(Patience);
        var pid = await RunningAsync(application, "redis");
        await application.ResourceCommands.ExecuteCommandAsync("redis", "stop", Patience);
        await Task.Delay(BackOff.Shortest * 3, Patience);
        Assert.True(application.ResourceNotifications.TryGetCurrentState("redis", out var stopped));
        Assert.Equal(KnownResourceStates.Finished, stopped.Snapshot.State!.Text);
        await application.ResourceCommands.ExecuteCommandAsync("redis", "start", Patience);
        Assert.NotEqual(pid, await RunningAsync(application, "redis"));
    }

    private async Task<ResourceEntry> EntryAsync(int pid)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var attempt = 0; attempt < 500; attempt++)
        {
            if (StackFile.Read(DirectoryPath) is { Resources: [{ Health: "Healthy" } entry] } && entry.Pid == pid) return entry;
            await timer.WaitForNextTickAsync(Patience);
        }

        throw new TimeoutException("The stack file never named the process.");
    }
}
