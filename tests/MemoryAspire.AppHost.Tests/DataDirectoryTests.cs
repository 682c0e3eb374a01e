using MemoryAspire.AppHost.NativePrograms;
using MemoryAspire.AppHost.Stacks;

namespace MemoryAspire.AppHost.Tests;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class DataDirectoryTests
{
    [Fact]
    public void A_second_holder_is_refused_and_told_the_process_of_the_first()
    {
        using var directory = new TemporaryDirectory();
        using (DataDirectoryLock.Take(directory.Path))
        {
            var refused = Assert.Throws<StackProblem>(() => DataDirectoryLock.Take(directory.Path));
            Assert.Contains($"in use by the process {Environment.ProcessId}.", refused.Message, StringComparison.Ordinal);
            Assert.Equal(Environment.ProcessId, DataDirectoryLock.RunningHost(directory.Path));
        }

        Assert.Null(DataDirectoryLock.RunningHost(directory.Path));
        DataDirectoryLock.Take(directory.Path).Dispose();
    }

    [Fact]
    public void A_directory_that_cannot_be_written_is_named_with_what_to_do()
    {
        var refused = Assert.Throws<StackProblem>(() => DataDirectory.Prepare("/proc/memory-aspire"));
        Assert.Contains("/proc/memory-aspire cannot be written", refused.Message, StringComparison.Ordinal);
        Assert.Contains("MEMORY_DATA_DIR", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_given_directory_that_the_unprivileged_user_cannot_reach_is_refused()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Only root gives its programs to another user.");
        using var directory = new TemporaryDirectory();
        File.SetUnixFileMode(directory.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var below = Path.Combine(directory.Path, "data");
        var refused = Assert.Throws<StackProblem>(() => DataDirectory.Choose(below));
        Assert.Contains($"cannot reach {below}", refused.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(below));
    }

    [Fact]
    public void Secrets_are_made_once_and_only_their_owner_reads_them()
    {
        using var directory = new TemporaryDirectory();
        var secrets = new Secrets(directory.Path);
        var key = secrets.GetOrCreate("api-key");
        var password = secrets.GetOrCreate("postgres-password");
        Assert.Equal(40, key.Length);
        Assert.NotEqual(key, password);
        Assert.Equal(key, new Secrets(directory.Path).GetOrCreate("api-key"));
        foreach (var file in new[] { "api-key", "secrets/postgres-password" })
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(directory.Path, file)));
    }

    [Fact]
    public void A_port_that_is_taken_is_named_with_the_setting_that_changes_it()
    {
        using var other = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        other.Start();
        var port = ((System.Net.IPEndPoint)other.LocalEndpoint).Port;
        var refused = Assert.Throws<StackProblem>(() => ApiPort.Choose($"{port}"));
        Assert.Contains($"The port {port} ", refused.Message, StringComparison.Ordinal);
        Assert.Contains("MEMORY_API_PORT", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http")]
    [InlineData("-1")]
    [InlineData("65536")]
    public void What_is_no_port_is_refused(string asked) =>
        Assert.Contains($"'{asked}'", Assert.Throws<StackProblem>(() => ApiPort.Choose(asked)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("0")]
    [InlineData("random")]
    public void Any_free_port_can_be_asked_for(string asked) => Assert.True(FreePort.IsFree(ApiPort.Choose(asked)));
}
