using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using ZiggyCreatures.Caching.Fusion;
using MemoryAspire.Embeddings.BuiltIn;
using MemoryAspire.Embeddings.Caching;
using MemoryAspire.Embeddings.Checking;
using MemoryAspire.Embeddings.Onnx;
using MemoryAspire.Embeddings.Remote;

namespace MemoryAspire.Embeddings;

public static class EmbeddingRegistration
{
    extension(IHostApplicationBuilder builder)
    {
        /// <summary>
        /// Adds <c>IEmbeddingGenerator&lt;string, Embedding&lt;float&gt;&gt;</c> and its <see cref="EmbeddingModel"/>, as the
        /// section <see cref="EmbeddingOptions.Section"/> says. Every vector has the model's dimension, is finite and of
        /// unit length; or it is <b>empty</b>, which means that the text has no vector (such as <c>!!!</c>). A provider that
        /// cannot be reached or does not keep to this is an <see cref="EmbeddingException"/>. With an
        /// <c>IConnectionMultiplexer</c> among the services, vectors are cached in Redis too.
        /// </summary>
        public void AddEmbeddings()
        {
            builder.Services.AddOptions<EmbeddingOptions>().BindConfiguration(EmbeddingOptions.Section).ValidateDataAnnotations().ValidateOnStart();
            builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<EmbeddingOptions>, EmbeddingOptionsValidator>());
            builder.Services.TryAddSingleton(TimeProvider.System);
            builder.Services.AddOptions<EmbeddingCacheOptions>().BindConfiguration(EmbeddingCacheOptions.Section).ValidateDataAnnotations()
                .Validate<IOptions<EmbeddingOptions>>(
                    (cache, embeddings) => cache.Enabled != true || embeddings.Value.Provider != EmbeddingProvider.BuiltIn,
                    $"{EmbeddingCacheOptions.Section}:Enabled must be false, or absent, for the built-in provider.")
                .ValidateOnStart();
            builder.Services.AddMetrics();
            builder.Services.AddSingleton<EmbeddingInstruments>();
            builder.Services.AddSingleton(services => new EmbeddingCache(
                services.GetRequiredService<IOptions<EmbeddingCacheOptions>>(),
                services.GetRequiredService<TimeProvider>(),
                services.GetRequiredService<ILogger<FusionCache>>(),
                services.GetService<IConnectionMultiplexer>()));
            builder.Services.AddSingleton(Create);
            builder.Services.AddSingleton(services => services.GetRequiredService<ModelWithGenerator>().Model);
            builder.Services.AddSingleton(services => Cached(services));
            builder.Services.AddHostedService<EmbeddingStart>();
        }
    }

    private static ModelWithGenerator Create(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<EmbeddingOptions>>().Value;
        var clock = services.GetRequiredService<TimeProvider>();
        return options.Provider switch
        {
            EmbeddingProvider.BuiltIn => new ModelWithGenerator(BuiltInEmbeddingGenerator.Model, new BuiltInEmbeddingGenerator(new TextEmbedder(WordVectors.BuiltIn))),
            EmbeddingProvider.OpenAI => Checked(RemoteModel(options), OpenAIProvider.Create(options, clock)),
            EmbeddingProvider.Ollama => Checked(RemoteModel(options), OllamaProvider.Create(options, clock)),
            EmbeddingProvider.Onnx => OnnxProvider(options),
            _ => throw new InvalidOperationException($"Unhandled provider {options.Provider}."),
        };
    }

    private static IEmbeddingGenerator<string, Embedding<float>> Cached(IServiceProvider services)
    {
        var (model, generator) = services.GetRequiredService<ModelWithGenerator>();
        var isCached = services.GetRequiredService<IOptions<EmbeddingCacheOptions>>().Value.Enabled
            ?? services.GetRequiredService<IOptions<EmbeddingOptions>>().Value.Provider != EmbeddingProvider.BuiltIn;
        return isCached
            ? new CachedEmbeddingGenerator(generator, model, services.GetRequiredService<EmbeddingCache>(), services.GetRequiredService<EmbeddingInstruments>())
            : generator;
    }

    private static EmbeddingModel RemoteModel(EmbeddingOptions options) => new(
        options.Provider == EmbeddingProvider.OpenAI ? $"openai:{options.Model}:{options.Dimensions}" : $"ollama:{options.Model}:{options.Dimensions}",
        options.Dimensions ?? throw new InvalidOperationException("Embeddings:Dimensions is required."));

    private static ModelWithGenerator OnnxProvider(EmbeddingOptions options)
    {
        var model = OnnxModel.Load(options);
        return Checked(model.Identity, new OnnxEmbeddingGenerator(model));
    }

    private static ModelWithGenerator Checked(EmbeddingModel model, IEmbeddingGenerator<string, Embedding<float>> generator) =>
        new(model, new CheckedEmbeddingGenerator(generator, model));

    /// <summary>The two are made together: an ONNX model's identity is known once it is loaded.</summary>
    private sealed record ModelWithGenerator(EmbeddingModel Model, IEmbeddingGenerator<string, Embedding<float>> Generator);
}
