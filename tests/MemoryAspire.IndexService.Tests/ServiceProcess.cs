using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Grpc.Core;
using Grpc.Net.Client;
using MemoryAspire.Contracts.Index;

namespace MemoryAspire.IndexService.Tests;

/// <summary>The index service as a process of its own, on a free port of loopback.</summary>
internal sealed partial class ServiceProcess : IAsyncDisposable
{
    public const string Key = "an-internal-key-of-the-tests";

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private GrpcChannel? _channel;

    private ServiceProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Read(line.Data);
        process.ErrorDataReceived += (_, line) => Read(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public Uri Address { get; private set; } = null!;

    public MemoryIndex.MemoryIndexClient Client { get; private set; } = null!;

    private string Output
    {
        get
        {
            lock (_output) return _output.ToString();
        }
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static Metadata Headers { get; } = new() { { "authorization", $"Bearer {Key}" } };

    /// <summary>Starts it and waits until it listens.</summary>
    public static async Task<ServiceProcess> StartAsync(string directory, string connectionString, params (string Name, string Value)[] settings)
    {
        var service = Start([("Index__Directory", directory), ("ConnectionStrings__memorydb", connectionString), ("Internal__Key", Key), .. settings]);
        if (await Task.WhenAny(service._listening.Task, service._process.WaitForExitAsync(Stop)).WaitAsync(Bound) != service._listening.Task) Assert.Fail(service.Output);
        service.Address = await service._listening.Task;
        service._channel = GrpcChannel.ForAddress(service.Address);
        service.Client = new MemoryIndex.MemoryIndexClient(service._channel);
        return service;
    }

    /// <summary>Starts it with settings that it must refuse; gives what it said.</summary>
    public static async Task<(int ExitCode, string Output)> FailAsync(params (string Name, string Value)[] settings)
    {
        await using var service = Start(settings);
        await service._process.WaitForExitAsync().WaitAsync(Bound);
        service._process.WaitForExit();
        return (service._process.ExitCode, service.Output);
    }

    public Task<SearchReply> SearchAsync(SearchRequest request) => Client.SearchAsync(request, Headers, cancellationToken: Stop).ResponseAsync;

    public Task<ApplyReply> ApplyAsync(ApplyRequest request) => Client.ApplyAsync(request, Headers, cancellationToken: Stop).ResponseAsync;

    public Task<PrepareReply> PrepareAsync(PrepareRequest request) => Client.PrepareAsync(request, Headers, cancellationToken: Stop).ResponseAsync;

    public Task<AbortReply> AbortAsync(AbortRequest request) => Client.AbortAsync(request, Headers, cancellationToken: Stop).ResponseAsync;

    public Task<LookupReply> LookupAsync(LookupRequest request) => Client.LookupAsync(request, Headers, cancellationToken: Stop).ResponseAsync;

    public Task<StatusReply> StatusAsync() => Client.StatusAsync(new StatusRequest(), Headers, cancellationToken: Stop).ResponseAsync;

    public Task<StatusReply> WaitUntilReadyAsync() => WaitUntilAsync(status => status.State == StatusReply.Types.State.Ready);

    public async Task<StatusReply> WaitUntilAsync(Predicate<StatusReply> condition)
    {
        using var bound = new CancellationTokenSource(Bound);
        while (true)
        {
            var status = await StatusAsync();
            if (condition(status)) return status;
            await Task.Delay(20, bound.Token);
        }
    }

    /// <summary>SIGTERM: it writes what it has and ends by itself.</summary>
    public async Task StopAsync()
    {
        using (var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"])) await kill.WaitForExitAsync();
        await _process.WaitForExitAsync().WaitAsync(Bound);
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(Bound);
    }

    public async ValueTask DisposeAsync()
    {
        _channel?.Dispose();
        if (!_process.HasExited) await KillAsync();
        _process.Dispose();
    }

    private static ServiceProcess Start(IEnumerable<(string Name, string Value)> settings)
    {
        var info = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "MemoryAspire.IndexService.dll")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        info.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        foreach (var (name, value) in settings) info.Environment[name] = value;
        return new ServiceProcess(new Process { StartInfo = info });
    }

    private void Read(string? line)
    {
        if (line is null) return;
        lock (_output) _output.AppendLine(line);
        if (Listening().Match(line) is { Success: true } match) _listening.TrySetResult(new Uri(match.Groups[1].Value));
    }

    [GeneratedRegex(@"Now listening on: (http://\S+)")]
    private static partial Regex Listening();
}
