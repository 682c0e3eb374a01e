using MemoryAspire.Embeddings.Checking;

namespace MemoryAspire.Embeddings.BuiltIn;

/// <summary>
/// A text's vector: the sum of its words' contributions, at unit length. The sum is of whole numbers, and the rest
/// uses only operations that IEEE 754 rounds in one way, so that every machine makes the same bytes. Nothing is
/// allocated.
/// </summary>
internal sealed class TextEmbedder(WordVectors words)
{
    public int Dimension => words.Dimension;

    /// <summary>False, and zeros, for a text without a single word: it has no vector.</summary>
    public bool TryEmbed(ReadOnlySpan<char> text, Span<float> vector)
    {
        Span<long> sum = stackalloc long[words.Dimension];
        sum.Clear();
        var reader = new WordReader(text, stackalloc char[WordReader.LengthMax]);
        while (reader.Read())
        {
            if (words.TryFind(reader.Word, out var index)) words.AddTo(sum, index);
            else UnknownWord.AddTo(sum, reader.Word, reader.Kind, words.UnknownWordScale);
        }

        return UnitVector.TryScale(sum, vector);
    }
}
