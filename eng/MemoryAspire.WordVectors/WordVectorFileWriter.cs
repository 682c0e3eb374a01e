using System.Buffers.Binary;
using System.Text;
using MemoryAspire.Embeddings.BuiltIn;

namespace MemoryAspire.WordVectors;

/// <summary>Quantises the vectors and writes them in the format of docs/word-vectors-format.md.</summary>
internal static class WordVectorFileWriter
{
    /// <summary>How long the vector of an unknown word is, in lengths of a known rare one.</summary>
    private const double UnknownWordShare = 0.5;

    public static byte[] Write(IReadOnlyList<WordVector> words)
    {
        var unit = words.Max(Largest) / sbyte.MaxValue / ushort.MaxValue;
        var text = words.Select(word => Encoding.UTF8.GetBytes(word.Word)).ToList();
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(WordVectorFile.Magic);
        writer.Write(WordVectorFile.Version);
        writer.Write(GloveSource.Dimension);
        writer.Write(words.Count);
        writer.Write(text.Sum(word => word.Length));
        writer.Write(UnknownWordScale(words, unit));
        writer.Write(0);
        writer.Write(0UL);
        foreach (var word in words)
        {
            foreach (var value in word.Vector) writer.Write((sbyte)Math.Round(value / unit / Scale(word, unit)));
        }

        foreach (var word in words) writer.Write(Scale(word, unit));
        foreach (var word in text) writer.Write(checked((byte)word.Length));
        foreach (var word in text) writer.Write(word);
        writer.Flush();
        var file = stream.ToArray();
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(WordVectorFile.ChecksumOffset), WordVectorFile.ChecksumOf(file));
        return file;
    }

    /// <summary>Reads the file back, compares it with what it was made from, and gives its checksum.</summary>
    public static ulong Verify(byte[] file, IReadOnlyList<WordVector> words)
    {
        var read = Embeddings.BuiltIn.WordVectors.Load(file);
        var sum = new long[GloveSource.Dimension];
        foreach (var word in words)
        {
            if (!read.TryFind(word.Word, out var index)) throw new InvalidDataException($"{word.Word} is not found.");
            Array.Clear(sum);
            read.AddTo(sum, index);
            var cosine = Dot(sum, word.Vector) / Math.Sqrt(Dot(sum, sum) * Dot(word.Vector, word.Vector));
            if (!(cosine > 0.999)) throw new InvalidDataException($"{word.Word} has cosine {cosine} to what it was made from.");
        }

        return read.Checksum;
    }

    /// <summary>Rounded up, so that no value exceeds 127.</summary>
    private static ushort Scale(WordVector word, double unit) => (ushort)Math.Min(ushort.MaxValue, Math.Ceiling(Largest(word) / sbyte.MaxValue / unit));

    /// <summary>A vector of ±1 has the length √dimension.</summary>
    private static int UnknownWordScale(IReadOnlyList<WordVector> words, double unit)
    {
        var rare = words.Skip(words.Count / 2).ToList();
        return (int)Math.Round(UnknownWordShare * rare.Average(word => Math.Sqrt(Dot(word.Vector, word.Vector))) / unit / Math.Sqrt(GloveSource.Dimension));
    }

    private static double Largest(WordVector word) => word.Vector.Max(Math.Abs);

    private static double Dot(double[] left, double[] right) => left.Zip(right, (l, r) => l * r).Sum();

    private static double Dot(long[] left, double[] right) => left.Zip(right, (l, r) => l * r).Sum();

    private static double Dot(long[] left, long[] right) => left.Zip(right, (l, r) => (double)l * r).Sum();
}
