using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MemoryAspire.Embeddings.Caching;
using StackExchange.Redis;

namespace MemoryAspire.Embeddings.Tests;

/// <summary>A host with embeddings, configured like any service; of two values of one setting the later counts.</summary>
internal sealed class Embeddings : IDisposable
{
    private readonly IHost _host;

    public Embeddings(params (string Name, string? Value)[] settings)
        : this(null, settings)
    {
    }

    /// <param name="redis">Where vectors are cached too; null: nowhere.</param>
    public Embeddings(IConnectionMultiplexer? redis, params (string Name, string? Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(
            settings.Reverse().DistinctBy(setting => setting.Name).Select(setting => KeyValuePair.Create($"Embeddings:{setting.Name}", setting.Value)));
        if (redis is not null) builder.Services.AddSingleton(redis);
        builder.AddEmbeddings();
        _host = builder.Build();
    }

    public EmbeddingModel Model => _host.Services.GetRequiredService<EmbeddingModel>();

    public IEmbeddingGenerator<string, Embedding<float>> Generator => _host.Services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();

    public EmbeddingCache Cache => _host.Services.GetRequiredService<EmbeddingCache>();

    public Task StartAsync() => _host.StartAsync(TestContext.Current.CancellationToken);

    public async Task<float[][]> EmbedAsync(params string[] texts) =>
        [.. (await Generator.GenerateAsync(texts, cancellationToken: TestContext.Current.CancellationToken)).Select(embedding => embedding.Vector.ToArray())];

    public void Dispose() => _host.Dispose();
}
