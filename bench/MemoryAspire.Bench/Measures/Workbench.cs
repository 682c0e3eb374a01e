using MemoryAspire.Bench.Bare;
using MemoryAspire.Bench.Load;
using MemoryAspire.Bench.Processes;
using MemoryAspire.Bench.Reporting;
using MemoryAspire.TestServices;
using Npgsql;

namespace MemoryAspire.Bench.Measures;

/// <summary>What the measures of one run share.</summary>
internal sealed class Workbench(ServiceStack stack, HttpClient plain, ApiClient api, NpgsqlDataSource source, BenchOptions options, Report report) : IDisposable
{
    public ServiceStack Stack { get; } = stack;

    public ApiClient Api { get; } = api;

    public BareTable Bare { get; } = new(source);

    public NpgsqlDataSource Source { get; } = source;

    public MemoryBodies Bodies { get; } = new(new Random(1));

    public BenchOptions Options { get; } = options;

    public Report Report { get; } = report;

    public Acknowledged Acknowledged { get; } = new();

    private Settling Settling { get; } = new(stack, plain);

    public void Dispose() => Api.Dispose();

    /// <summary>Creates memories until the services are compiled.</summary>
    public async Task WarmUpAsync(CancellationToken cancellationToken)
    {
        const int clients = 64;
        var bodies = Enumerable.Range(0, clients).Select(client => new RequestBody(Bodies, new Random(client))).ToArray();
        var begun = TimeProvider.System.GetTimestamp();
        while (Acknowledged.Memories < BenchOptions.WarmUpRequests && TimeProvider.System.GetElapsedTime(begun) < BenchOptions.WarmUpMax)
        {
            await Clients.RunAsync(clients, BenchOptions.WarmUp, client => CreateAsync(bodies[client]), cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
        }

        await SettleAsync(cancellationToken);
    }

    /// <summary>Creates one memory; false when that was not acknowledged.</summary>
    public async Task<bool> CreateAsync(RequestBody body)
    {
        var answer = await Api.CreateAsync(body.Memory());
        if ((int)answer.Status != 201) return false;
        Acknowledged.Add(1, answer.Tiers);
        return true;
    }

    /// <summary>Lets what went before end, and compares what is stored with what was acknowledged.</summary>
    public async Task<TimeSpan> SettleAsync(CancellationToken cancellationToken)
    {
        var settled = await Settling.WaitAsync(cancellationToken);
        if (settled is null) Report.Problem("The tiers did not come into step, or the services did not become idle.");
        var stored = await Source.CountAsync("memories", cancellationToken);
        if (stored != Acknowledged.Memories) Report.Problem($"{Acknowledged.Memories} memories were acknowledged, but {stored} are stored.");
        return settled ?? TimeSpan.Zero;
    }
}

/// <summary>What the API's answers claimed.</summary>
internal sealed class Acknowledged
{
    private const string All = "postgres=applied, redis=applied, index=applied";

    private long _memories;
    private long _everywhere;

    public long Memories => Interlocked.Read(ref _memories);

    public long Everywhere => Interlocked.Read(ref _everywhere);

    public void Add(int memories, string tiers)
    {
        Interlocked.Add(ref _memories, memories);
        if (tiers == All) Interlocked.Add(ref _everywhere, memories);
    }
}
