using System.Buffers.Binary;
using System.IO.Hashing;

namespace MemoryAspire.Embeddings.BuiltIn;

/// <summary>
/// The sections of a word vector file, checked. The byte format stands in docs/word-vectors-format.md; everything
/// is little-endian.
/// </summary>
internal sealed class WordVectorFile
{
    public const uint Version = 1;
    public const int HeaderSize = 40;
    public const int ChecksumOffset = 32;
    public const int DimensionMax = 4096;
    public const int WordCountMax = 1 << 20;
    public static ReadOnlySpan<byte> Magic => "MAWORDS\n"u8;

    private readonly byte[] _bytes;

    private WordVectorFile(byte[] bytes)
    {
        _bytes = bytes;
        Dimension = (int)ReadHeader(12);
        WordCount = (int)ReadHeader(16);
        TextSize = (int)ReadHeader(20);
        UnknownWordScale = (int)ReadHeader(24);
    }

    public int Dimension { get; }

    public int WordCount { get; }

    /// <summary>What an unknown word's ±1 vector is multiplied with, see <see cref="UnknownWord"/>.</summary>
    public int UnknownWordScale { get; }

    private int TextSize { get; }

    /// <summary>xxh64 over everything but itself; identifies the data.</summary>
    public ulong Checksum => BinaryPrimitives.ReadUInt64LittleEndian(_bytes.AsSpan(ChecksumOffset));

    /// <summary>One row of <see cref="Dimension"/> signed bytes per word.</summary>
    public ReadOnlySpan<byte> Rows => _bytes.AsSpan(HeaderSize, WordCount * Dimension);

    /// <summary>One little-endian uint16 per word.</summary>
    public ReadOnlySpan<byte> Scales => _bytes.AsSpan(HeaderSize + (WordCount * Dimension), WordCount * 2);

    /// <summary>The length of every word in bytes.</summary>
    public ReadOnlySpan<byte> Lengths => _bytes.AsSpan(HeaderSize + (WordCount * (Dimension + 2)), WordCount);

    /// <summary>The words themselves, UTF-8, one after the other.</summary>
    public ReadOnlySpan<byte> Text => _bytes.AsSpan(HeaderSize + (WordCount * (Dimension + 3)), TextSize);

    /// <summary>Takes a whole file.</summary>
    /// <exception cref="InvalidDataException">These bytes are not what the format says; the message says why.</exception>
    public static WordVectorFile Open(byte[] bytes)
    {
        Require(bytes.Length >= HeaderSize, "it is shorter than its header");
        Require(bytes.AsSpan(0, 8).SequenceEqual(Magic), "it does not begin as one");
        var file = new WordVectorFile(bytes);
        Require(file.ReadHeader(8) == Version, $"its version is {file.ReadHeader(8)}, not {Version}");
        Require(file.Dimension is > 0 and <= DimensionMax, "its dimension is out of bounds");
        Require(file.WordCount is > 0 and <= WordCountMax, "its number of words is out of bounds");
        Require(file.TextSize is > 0 and <= WordCountMax * 255, "the size of its text is out of bounds");
        Require(file.UnknownWordScale > 0, "its scale of unknown words is out of bounds");
        Require(file.ReadHeader(28) == 0, "its reserved bytes are not zero");
        Require(bytes.LongLength == HeaderSize + ((long)file.WordCount * (file.Dimension + 3)) + file.TextSize, "its length is not what its header says");
        Require(file.Checksum == ChecksumOf(bytes), "its checksum does not match");
        var lengths = 0;
        foreach (var length in file.Lengths) lengths += length;
        Require(lengths == file.TextSize && !file.Lengths.Contains((byte)0), "its words do not fill its text");
        return file;
    }

    public static ulong ChecksumOf(ReadOnlySpan<byte> file)
    {
        var hash = new XxHash64();
        hash.Append(file[..ChecksumOffset]);
        hash.Append(file[(ChecksumOffset + sizeof(ulong))..]);
        return hash.GetCurrentHashAsUInt64();
    }

    private uint ReadHeader(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(offset));

    private static void Require(bool condition, string reason)
    {
        if (!condition) throw new InvalidDataException($"This is not a usable word vector file: {reason}.");
    }
}
