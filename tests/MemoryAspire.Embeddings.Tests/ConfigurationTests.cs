using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;

namespace MemoryAspire.Embeddings.Tests;

public class ConfigurationTests
{
    [Fact]
    public async Task The_built_in_provider_is_not_cached()
    {
        using var embeddings = new Embeddings(("Cache:Enabled", "true"));
        var failure = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(embeddings.StartAsync);
        Assert.Contains("Embeddings:Cache:Enabled", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_configuration_the_built_in_model_embeds()
    {
        using var embeddings = new Embeddings();
        await embeddings.StartAsync();
        Assert.Equal(new EmbeddingModel("builtin-glove-100d-v1", 100), embeddings.Model);
        var vectors = await embeddings.EmbedAsync("tea", "!!!", "coffee");
        Assert.Equal([100, 0, 100], vectors.Select(vector => vector.Length));
    }

    [Theory]
    [InlineData("Embeddings:Provider", "Provider", "Magic")]
    [InlineData("Embeddings:Provider", "Provider", "7")]
    [InlineData("Embeddings:Dimensions", "Dimensions", "384")]
    [InlineData("Embeddings:Model", "Model", "text-embedding-3-small")]
    [InlineData("Embeddings:Dimensions", "Provider", "Ollama", "Model", "all-minilm")]
    [InlineData("Embeddings:Dimensions", "Provider", "Ollama", "Model", "all-minilm", "Dimensions", "0")]
    [InlineData("Embeddings:Model", "Provider", "OpenAI", "Dimensions", "384", "ApiKey", "k")]
    [InlineData("Embeddings:ApiKey", "Provider", "OpenAI", "Dimensions", "384", "Model", "m")]
    [InlineData("Embeddings:Endpoint", "Provider", "Ollama", "Model", "m", "Dimensions", "384", "Endpoint", "ftp://host/")]
    [InlineData("Embeddings:Endpoint", "Provider", "OpenAI", "Model", "m", "Dimensions", "384", "Endpoint", "/v1")]
    [InlineData("Embeddings:Timeout", "Provider", "Ollama", "Model", "m", "Dimensions", "384", "Timeout", "00:00:00")]
    [InlineData("Embeddings:Directory", "Provider", "Onnx")]
    [InlineData("Embeddings:Directory", "Provider", "Onnx", "Directory", "/nowhere/at/all")]
    public async Task A_wrong_setting_stops_the_start_and_is_named(string named, params string[] settings)
    {
        using var embeddings = new Embeddings([.. settings.Chunk(2).Select(pair => (pair[0], (string?)pair[1]))]);
        var failure = await Assert.ThrowsAnyAsync<Exception>(embeddings.StartAsync);
        Assert.True(failure is OptionsValidationException or InvalidOperationException, failure.GetType().Name);
        Assert.Contains(named, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_generator_says_which_model_it_is()
    {
        using var embeddings = new Embeddings();
        var metadata = embeddings.Generator.GetService<EmbeddingGeneratorMetadata>();
        Assert.Equal((embeddings.Model.Name, embeddings.Model.Dimension), (metadata?.DefaultModelId, metadata?.DefaultModelDimensions));
    }
}
