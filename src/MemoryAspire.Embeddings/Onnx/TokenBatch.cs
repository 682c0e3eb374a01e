using Microsoft.ML.Tokenizers;

namespace MemoryAspire.Embeddings.Onnx;

/// <summary>The tokens of some texts as rows of equal length, and which of them are not padding.</summary>
internal sealed record TokenBatch(long[] Ids, long[] Mask, int Rows, int Length)
{
    /// <summary>Longer texts are cut: what BERT-style sentence models were trained on is shorter.</summary>
    public const int LengthMax = 256;

    public long[] Shape => [Rows, Length];

    public static TokenBatch Of(IReadOnlyList<string> texts, BertTokenizer tokenizer)
    {
        var tokens = texts.Select(text => tokenizer.EncodeToIds(text, LengthMax, addSpecialTokens: true, out _, out _)).ToList();
        var length = tokens.Max(row => row.Count);
        var ids = new long[texts.Count * length];
        var mask = new long[texts.Count * length];
        Array.Fill(ids, tokenizer.PaddingTokenId);
        for (var row = 0; row < texts.Count; row++)
        {
            for (var i = 0; i < tokens[row].Count; i++)
            {
                ids[(row * length) + i] = tokens[row][i];
                mask[(row * length) + i] = 1;
            }
        }

        return new(ids, mask, texts.Count, length);
    }
}
