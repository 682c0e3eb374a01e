using MemoryAspire.Embeddings.Onnx;

namespace MemoryAspire.Embeddings.Tests.Onnx;

public class OnnxTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_text_is_the_mean_of_its_tokens_at_unit_length_whatever_it_is_batched_with(bool segments)
    {
        using var model = new TinyModel(segments);
        using var embeddings = new Embeddings(("Provider", "Onnx"), ("Directory", model.Directory));
        var vectors = await embeddings.EmbedAsync("Tea", "cups cup tea tea tea tea tea tea", "cup", "tea cup", "coffee");
        Assert.Equal([1, 0], vectors[0]);
        Assert.Equal([0, 1], vectors[2]);
        Assert.Equal([4 / Math.Sqrt(80), 8 / Math.Sqrt(80)], vectors[3].Select(value => (double)value), Within(1e-6));
        Assert.Equal([26 / Math.Sqrt(1000), 18 / Math.Sqrt(1000)], vectors[1].Select(value => (double)value), Within(1e-6));
        Assert.Equal([0, 1], vectors[4]);
    }

    [Fact]
    public async Task A_text_of_which_every_token_is_zero_has_no_vector()
    {
        using var model = new TinyModel();
        using var embeddings = new Embeddings(("Provider", "Onnx"), ("Directory", model.Directory));
        Assert.Equal([[], [1, 0]], await embeddings.EmbedAsync("", "tea"));
    }

    [Fact]
    public async Task A_long_text_is_cut_and_many_texts_keep_their_order()
    {
        using var model = new TinyModel();
        using var embeddings = new Embeddings(("Provider", "Onnx"), ("Directory", model.Directory));
        string[] texts = [.. Enumerable.Range(1, 40).Select(i => string.Join(' ', Enumerable.Repeat(i % 3 == 0 ? "tea" : "cup", (i * 7) % 50 + 1))),
            string.Concat(Enumerable.Repeat("tea ", 300)) + string.Concat(Enumerable.Repeat("cup ", 7000))];
        var vectors = await embeddings.EmbedAsync(texts);
        for (var i = 1; i <= 40; i++) Assert.Equal(i % 3 == 0 ? [1, 0] : [0, 1], vectors[i - 1]);
        Assert.Equal([1, 0], vectors[40]);
    }

    [Fact]
    public async Task A_model_is_named_after_its_directory_and_its_content()
    {
        using var model = new TinyModel();
        string name;
        using (var embeddings = new Embeddings(("Provider", "Onnx"), ("Directory", model.Directory)))
        {
            await embeddings.StartAsync();
            name = embeddings.Model.Name;
            Assert.StartsWith($"onnx:{Path.GetFileName(model.Directory)}:2:", name, StringComparison.Ordinal);
        }

        await File.AppendAllTextAsync(Path.Combine(model.Directory, "vocab.txt"), "more\n", TestContext.Current.CancellationToken);
        using var changed = new Embeddings(("Provider", "Onnx"), ("Directory", model.Directory));
        Assert.NotEqual(name, changed.Model.Name);
    }

    [Theory]
    [InlineData("model.onnx", "this is no model")]
    [InlineData("vocab.txt", "tea")]
    public async Task A_broken_model_stops_the_start_and_its_directory_is_named(string file, string content)
    {
        using var model = new TinyModel();
        await File.WriteAllTextAsync(Path.Combine(model.Directory, file), content, TestContext.Current.CancellationToken);
        using var embeddings = new Embeddings(("Provider", "Onnx"), ("Directory", model.Directory));
        Assert.Contains("Embeddings:Directory", (await Assert.ThrowsAsync<InvalidDataException>(embeddings.StartAsync)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_dimension_than_the_models_is_refused()
    {
        using var model = new TinyModel();
        using var embeddings = new Embeddings(("Provider", "Onnx"), ("Directory", model.Directory), ("Dimensions", "384"));
        Assert.Contains("Embeddings:Dimensions", Assert.Throws<InvalidDataException>(() => embeddings.Model).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Padding_does_not_count_in_the_mean() =>
        Assert.Equal([2, 3], MeanPooling.Pool([1, 2, 3, 4, 50, 60], [1, 1, 0], 2));

    [Fact]
    public void The_mean_of_nothing_is_zero() => Assert.Equal([0, 0], MeanPooling.Pool([1, 2], [0], 2));

    private static Func<double, double, bool> Within(double tolerance) => (left, right) => Math.Abs(left - right) < tolerance;
}
