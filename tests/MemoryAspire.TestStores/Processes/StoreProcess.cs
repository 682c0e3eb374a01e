using System.Diagnostics;

namespace MemoryAspire.TestStores.Processes;

/// <summary>One run of a store's server, from its start to the end of the last process it left behind.</summary>
internal sealed class StoreProcess : IDisposable
{
    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan EndMax = TimeSpan.FromSeconds(30);
    private const int LinesMax = 100;

    private readonly Process process;
    private readonly string readyText;
    private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Queue<string> lines = new();

    private StoreProcess(Process process, string readyText)
    {
        this.process = process;
        this.readyText = readyText;
        process.OutputDataReceived += (_, line) => Read(line.Data);
        process.ErrorDataReceived += (_, line) => Read(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => process.Id;

    public bool HasExited => process.HasExited;

    /// <summary>Returns when the server has said <paramref name="readyText"/>.</summary>
    public static async Task<StoreProcess> StartAsync(
        string[] command, string readyText, string workingFolder, IEnumerable<KeyValuePair<string, string>>? environment = null)
    {
        var info = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingFolder,
        };
        foreach (var (name, value) in environment ?? []) info.Environment[name] = value;
        var server = new StoreProcess(await Launcher.StartAsync(info), readyText);
        var ended = server.process.WaitForExitAsync();
        var first = await Task.WhenAny(server.ready.Task, ended).WaitAsync(StartMax);
        if (first != ended) return server;

        server.Dispose();
        throw new StoreStartException($"{Path.GetFileName(command[0])} ended before it was ready:{Environment.NewLine}{server.Log()}");
    }

    /// <summary>
    /// Sends the signal and waits for the end. The children hold the same pipes, and the wait is for those to be
    /// closed too: afterwards no process of this server has a file, a lock or a port any more.
    /// </summary>
    public async Task EndAsync(int signal)
    {
        Signal.Send(process.Id, signal);
        await process.WaitForExitAsync().WaitAsync(EndMax);
    }

    public string Log()
    {
        lock (lines) return string.Join(Environment.NewLine, lines);
    }

    public void Dispose() => process.Dispose();

    private void Read(string? line)
    {
        if (line is null) return;
        lock (lines)
        {
            lines.Enqueue(line);
            if (lines.Count > LinesMax) lines.Dequeue();
        }
        if (line.Contains(readyText, StringComparison.Ordinal)) ready.TrySetResult();
    }
}
