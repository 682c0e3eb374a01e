using System.Buffers.Binary;
using System.Text;
using MemoryAspire.Embeddings.BuiltIn;

namespace MemoryAspire.Embeddings.Tests.BuiltIn;

public class WordVectorFileTests
{
    [Fact]
    public void A_small_file_is_read()
    {
        var words = WordVectors.Load(Make());
        Assert.Equal((2, 3), (words.Count, words.Dimension));
        Assert.True(words.TryFind("thé", out var index));
        var sum = new long[] { 1, 1, 1 };
        words.AddTo(sum, index);
        Assert.Equal([1 + (500L * 4), 1 - (500L * 5), 1 + (500L * 6)], sum);
        Assert.False(words.TryFind("th", out _));
        Assert.False(words.TryFind("", out _));
    }

    [Fact]
    public void Every_flipped_bit_is_refused()
    {
        var file = Make();
        for (var bit = 0; bit < file.Length * 8; bit++)
        {
            file[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<InvalidDataException>(() => WordVectors.Load([.. file]));
            file[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void Every_shorter_or_longer_file_is_refused()
    {
        var file = Make();
        for (var length = 0; length < file.Length; length++)
        {
            Assert.Throws<InvalidDataException>(() => WordVectors.Load(file[..length]));
        }

        Assert.Throws<InvalidDataException>(() => WordVectors.Load([.. file, 0]));
    }

    [Theory]
    [InlineData(8, 2)]
    [InlineData(12, 0)]
    [InlineData(12, 1_000_000)]
    [InlineData(16, -1)]
    [InlineData(20, int.MaxValue)]
    [InlineData(24, 0)]
    [InlineData(28, 1)]
    public void A_wrong_header_is_refused_whatever_its_checksum(int offset, int value)
    {
        var file = Make();
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(offset), value);
        Assert.Throws<InvalidDataException>(() => WordVectors.Load(Sealed(file)));
    }

    [Fact]
    public void A_word_that_stands_in_it_twice_is_refused() =>
        Assert.Throws<InvalidDataException>(() => WordVectors.Load(Make("tea", "tea")));

    [Fact]
    public void The_built_in_vectors_know_common_words_and_load_once()
    {
        Assert.Same(WordVectors.BuiltIn, WordVectors.BuiltIn);
        Assert.Equal(100, WordVectors.BuiltIn.Dimension);
        Assert.InRange(WordVectors.BuiltIn.Count, 60_000, 100_000);
        foreach (var word in new[] { "i", "a", "the", "tea", "prefers", "berlin", "caroline" }) Assert.True(WordVectors.BuiltIn.TryFind(word, out _), word);
    }

    private static byte[] Make(string first = "tea", string second = "thé")
    {
        var text = Encoding.UTF8.GetBytes(first + second);
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(WordVectorFile.Magic);
        writer.Write(WordVectorFile.Version);
        writer.Write(3);
        writer.Write(2);
        writer.Write(text.Length);
        writer.Write(7);
        writer.Write(0);
        writer.Write(0UL);
        writer.Write([1, 2, 3, 4, 0xFB, 6]);
        writer.Write((ushort)40_000);
        writer.Write((ushort)500);
        writer.Write((byte)Encoding.UTF8.GetByteCount(first));
        writer.Write((byte)Encoding.UTF8.GetByteCount(second));
        writer.Write(text);
        return Sealed(stream.ToArray());
    }

    private static byte[] Sealed(byte[] file)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(WordVectorFile.ChecksumOffset), WordVectorFile.ChecksumOf(file));
        return file;
    }
}
