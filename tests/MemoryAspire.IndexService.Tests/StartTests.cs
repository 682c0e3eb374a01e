
namespace MemoryAspire.IndexService.Tests;

public sealed class StartTests
{
    private const string Nowhere = "Host=127.0.0.1;Port=9;Username=nobody;Timeout=1";

    [Fact]
    public async Task A_missing_directory_stops_the_start_and_is_named()
    {
        var (exitCode, output) = await ServiceProcess.FailAsync(("ConnectionStrings__memorydb", Nowhere), ("Internal__Key", ServiceProcess.Key));
        Assert.NotEqual(0, exitCode);
        Assert.Contains("Index:Directory", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_key_stops_the_start_and_is_named()
    {
        var (exitCode, output) = await ServiceProcess.FailAsync(("ConnectionStrings__memorydb", Nowhere), ("Index__Directory", Path.GetTempPath()));
        Assert.NotEqual(0, exitCode);
        Assert.Contains("Internal:Key", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_in_use_stops_the_start_and_says_by_whom()
    {
        var directory = Directory.CreateTempSubdirectory("memory-index-twice-").FullName;
        await using (var first = await ServiceProcess.StartAsync(directory, Nowhere))
        {
            var (exitCode, output) = await ServiceProcess.FailAsync(
                ("ConnectionStrings__memorydb", Nowhere), ("Internal__Key", ServiceProcess.Key), ("Index__Directory", directory));
            Assert.NotEqual(0, exitCode);
            Assert.Matches("is in use by process [0-9]+", output);
        }

        Directory.Delete(directory, recursive: true);
    }
}
