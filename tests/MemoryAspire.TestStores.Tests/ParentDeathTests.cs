using System.Diagnostics;

namespace MemoryAspire.TestStores.Tests;

public sealed class ParentDeathTests
{
    private static readonly TimeSpan EndMax = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task The_servers_of_a_killed_process_die_with_it()
    {
        var info = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "MemoryAspire.TestStores.Holder.dll")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var holder = Process.Start(info)!;
        var line = await holder.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        var servers = line!.Split(' ').Select(id => int.Parse(id, null)).ToArray();
        Assert.Equal(2, servers.Length);
        Assert.All(servers, id => Assert.True(ProcessTable.Runs(id)));

        holder.Kill();

        foreach (var server in servers) Assert.True(await ProcessTable.EndsAsync(server, EndMax));
    }
}
