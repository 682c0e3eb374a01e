using MemoryAspire.Embeddings.BuiltIn;

namespace MemoryAspire.Embeddings.Tests.BuiltIn;

public class WordReaderTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("!!! ... ?", "")]
    [InlineData("Ada prefers tea.", "ada prefers tea")]
    [InlineData("She's here, they'd've; we’ll go: I'm O'Brien's", "she here they ve we go i o brien")]
    [InlineData("don't WON'T can’t isn't", "not not not not")]
    [InlineData("rock'n'roll 'quoted' dogs'", "rock n roll quoted dogs")]
    [InlineData("it't x'tt'", "it t x tt")]
    [InlineData("7pm on 8 May, 2023: 3.5 km", "7 pm on 8 may 2023 3 5 km")]
    [InlineData("well-being under_score a/b", "well being under score a b")]
    [InlineData("ÉTÉ Straße ΑΘΗΝΑ cafe\u0301", "été straße αθηνα cafe\u0301")]
    [InlineData("日本語が好き。", "日本語が好き")]
    [InlineData("yes 🎉☕️ no", "yes 🎉 ☕ no")]
    [InlineData("٣٤ x", "٣٤ x")]
    public void A_text_is_read_as_lower_case_words(string text, string words) => Assert.Equal(words, string.Join(' ', Read(text)));

    [Fact]
    public void An_unpaired_surrogate_separates() => Assert.Equal(["a", "b"], Read("a\uD83Cb"));

    [Fact]
    public void A_long_run_is_several_words_that_together_are_the_run()
    {
        var run = new string('x', WordReader.LengthMax - 1) + "🜁" + string.Concat(Enumerable.Repeat("𠀀", WordReader.LengthMax));
        var words = Read(run);
        Assert.All(words, word => Assert.True(word.Length <= WordReader.LengthMax && !char.IsLowSurrogate(word[0])));
        Assert.Equal(run, string.Concat(words));
    }

    private static List<string> Read(string text)
    {
        var words = new List<string>();
        var reader = new WordReader(text, new char[WordReader.LengthMax]);
        while (reader.Read()) words.Add(reader.Word.ToString());
        return words;
    }
}
