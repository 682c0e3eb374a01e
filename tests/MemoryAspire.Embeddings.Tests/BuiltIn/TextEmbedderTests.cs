using System.IO.Hashing;
using System.Runtime.InteropServices;
using MemoryAspire.Embeddings.BuiltIn;

namespace MemoryAspire.Embeddings.Tests.BuiltIn;

public class TextEmbedderTests
{
    private readonly TextEmbedder _embedder = new(WordVectors.BuiltIn);

    [Theory]
    [InlineData("I adore my puppy", "I love my dog", "The stock market crashed")]
    [InlineData("what does Ada drink?", "Ada prefers tea.", "Ada plays tennis.")]
    [InlineData("She bought a new car", "He purchased a vehicle", "The weather is nice")]
    [InlineData("When is the doctor's appointment?", "He must see the physician on Monday", "The band plays on Monday")]
    [InlineData("My flight leaves from Berlin", "The plane departs from Germany", "My soup tastes of garlic")]
    [InlineData("Favourite programming language", "She writes software in Python", "She speaks French with her aunt")]
    public void Another_wording_is_nearer_than_another_subject(string text, string paraphrase, string other) =>
        Assert.True(Cosine(text, paraphrase) > Cosine(text, other) + 0.1, $"{Cosine(text, paraphrase)} and {Cosine(text, other)}");

    [Theory]
    [InlineData("tea")]
    [InlineData("the of a")]
    [InlineData("I")]
    [InlineData("Ada prefers tea, but 2 cups; never 3!")]
    [InlineData("zxqv 日本語 🎉 مرحبا")]
    public void A_vector_has_unit_length(string text) => Assert.Equal(1, Cosine(text, text), 1e-6);

    [Theory]
    [InlineData("")]
    [InlineData("!!!")]
    [InlineData(" \t\n… — ()")]
    [InlineData("\uFFFD\u200D\uFE0F")]
    public void A_text_without_words_has_no_vector(string text)
    {
        var vector = new float[100];
        Array.Fill(vector, 1);
        Assert.False(_embedder.TryEmbed(text, vector));
        Assert.All(vector, value => Assert.Equal(0, value));
    }

    [Fact]
    public void Case_punctuation_and_order_do_not_matter() => Assert.Equal(Embed("Ada prefers TEA!"), Embed("tea, prefers... ada"));

    [Fact]
    public void Unknown_words_that_share_their_spelling_are_near_and_others_are_not()
    {
        Assert.InRange(Cosine("zorbfing", "zorbfings"), 0.4, 0.95);
        Assert.InRange(Cosine("zorbfing", "quxlibar"), -0.35, 0.35);
        Assert.InRange(Cosine("日本語が好き", "日本語"), 0.3, 0.95);
        Assert.InRange(Cosine("4711", "4712"), -0.35, 0.35);
        Assert.Equal(1, Cosine("4711", "No. 4711") / Cosine("4711", "no 4711"), 1e-6);
    }

    [Fact]
    public void The_longest_memory_is_embedded_whole()
    {
        var text = new string('x', 32) + string.Concat(Enumerable.Repeat(" tea and 茶 🍵 or coffee with Ada;", 1000));
        text = text[..32767] + "z";
        Assert.Equal(1, Cosine(text, text), 1e-6);
        Assert.True(Cosine(text, "tea or coffee") > 0.4);
        Assert.Equal(1, Cosine(new string('q', 32768), new string('q', 32768)), 1e-6);
    }

    [Fact]
    public void Nothing_is_allocated()
    {
        var text = string.Concat(Enumerable.Repeat("Ada's tea 🍵 isn't zorbfing 茶 2023, she'd say. ", 100));
        var vector = new float[100];
        _embedder.TryEmbed(text, vector);
        var before = GC.GetAllocatedBytesForCurrentThread();
        _embedder.TryEmbed(text, vector);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    /// <summary>Other bytes for the same text are another model: they must come with another name.</summary>
    [Fact]
    public void The_bytes_of_these_vectors_belong_to_this_model_name()
    {
        var hash = new XxHash64();
        foreach (var text in new[] { "Ada prefers tea.", "the", "Zorbfing 4711 🎉 日本語", "I don't know what she's doing, O'Brien" })
        {
            hash.Append(MemoryMarshal.AsBytes<float>(Embed(text)));
        }

        Assert.Equal("builtin-glove-100d-v1", BuiltInEmbeddingGenerator.Model.Name);
        Assert.Equal("a3d60c7ff2ab5c0f 7db8fa9f95c7930d", $"{WordVectors.BuiltIn.Checksum:x16} {hash.GetCurrentHashAsUInt64():x16}");
    }

    private float[] Embed(string text)
    {
        var vector = new float[100];
        Assert.True(_embedder.TryEmbed(text, vector));
        return vector;
    }

    private double Cosine(string left, string right) => Embed(left).Zip(Embed(right), (l, r) => (double)l * r).Sum();
}
