using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using MemoryAspire.Contracts.Index;
using MemoryAspire.Coordination.Participants;
using MemoryAspire.Index;
using MemoryAspire.IndexService.Hosting;
using MemoryAspire.IndexService.Http;
using MemoryAspire.IndexService.Protocol;
using MemoryAspire.Postgres.Log;
using MemoryAspire.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using static MemoryAspire.Participants.Tests.Proposals;

namespace MemoryAspire.Participants.Tests;

/// <summary>The index as a participant: its engine and protocol on loopback, without a log to follow.</summary>
internal sealed class IndexTier : IAsyncDisposable
{
    private const string Key = "an-internal-key-of-the-tests-0123456789";

    private readonly string _directory = Directory.CreateTempSubdirectory("memory-index-").FullName;
    private WebApplication _service = null!;
    private WebApplication _caller = null!;
    private GrpcChannel _channel = null!;

    public SemanticIndex Index => _service.Services.GetRequiredService<SemanticIndex>();

    public IndexParticipant Participant => _caller.Services.GetRequiredService<IndexParticipant>();

    public IndexRoom Room => _caller.Services.GetRequiredService<IndexRoom>();

    public static async Task<IndexTier> OpenAsync(int capacity = 1_000, long generation = 1)
    {
        var tier = new IndexTier();
        await tier.StartAsync(capacity);
        await tier.Index.AdoptAsync(new IndexIdentity(OfDatabase, generation, Dimension), Stop);
        return tier;
    }

    public Task StopAsync() => _service.StopAsync(Stop);

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _caller.DisposeAsync();
        await _service.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private async Task StartAsync(int capacity)
    {
        var builder = NewBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0").UseSetting("Index:Directory", _directory).UseSetting("Index:CapacityMax", $"{capacity}")
            .UseSetting("Internal:Key", Key);
        builder.AddIndex();
        builder.AddIndexProtocol();
        builder.AddBothHttpVersions();
        _service = builder.Build();
        _service.MapIndexProtocol();
        await _service.StartAsync(Stop);
        await _service.Services.GetRequiredService<IndexLifetime>().Loaded.WaitAsync(Stop);

        _channel = GrpcChannel.ForAddress(_service.Urls.Single());
        var invoker = _channel.Intercept(headers =>
        {
            headers.Add("authorization", $"Bearer {Key}");
            return headers;
        });
        var caller = NewBuilder();
        caller.Services.AddSingleton(new MemoryIndex.MemoryIndexClient(invoker)).AddSingleton<TierInstruments>().AddSingleton<IndexRoom>().AddSingleton<IndexParticipant>();
        _caller = caller.Build();
    }

    private static WebApplicationBuilder NewBuilder()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.AddServiceDefaults();
        return builder;
    }
}
