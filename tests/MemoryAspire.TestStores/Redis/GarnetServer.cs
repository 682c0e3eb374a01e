using System.Globalization;
using MemoryAspire.TestStores.Processes;

namespace MemoryAspire.TestStores;

/// <summary>
/// The server that stands in for Redis where there is none: Garnet, in a process of its own, as the AppHost starts it. It dies
/// with this process. It has one database for all.
/// </summary>
public sealed class GarnetServer : IAsyncDisposable
{
    private const string Project = "MemoryAspire.LocalRedis";
    private const string Ready = "Ready to accept connections";
    private const string Password = "memory-tests";

    private readonly StoreProcess process;
    private readonly string folder;

    private GarnetServer(StoreProcess process, string folder, int port)
    {
        this.process = process;
        this.folder = folder;
        ConnectionString = $"127.0.0.1:{port},password={Password},allowAdmin=true";
    }

    public string ConnectionString { get; }

    public static async Task<GarnetServer> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("garnet-").FullName;
        var port = LoopbackPort.Free();
        var command = StoreUser.Bound("dotnet", "exec", Program(), "--dir", folder, "--port", port.ToString(CultureInfo.InvariantCulture));
        try
        {
            var process = await StoreProcess.StartAsync(command, Ready, folder, [KeyValuePair.Create("REDIS_PASSWORD", Password)]);
            return new GarnetServer(process, folder, port);
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await process.EndAsync(Signal.Kill);
        process.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Built beside this program, in the same configuration.</summary>
    private static string Program()
    {
        // <root>/tests/<this project>/bin/<configuration>/<framework>/
        var output = new DirectoryInfo(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        var root = output.Parent!.Parent!.Parent!.Parent!.Parent!;
        var program = Path.Combine(root.FullName, "src", Project, "bin", output.Parent!.Name, output.Name, Project + ".dll");
        return File.Exists(program) ? program : throw new FileNotFoundException($"{Project} has not been built.", program);
    }
}
