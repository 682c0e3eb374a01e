using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;

namespace MemoryAspire.Embeddings.BuiltIn;

/// <summary>
/// The known words and their vectors, found by open addressing over UTF-16. A word's contribution to a text is
/// <c>scale × row</c>, in whole numbers: weight, centring and quantisation were done when the file was made.
/// </summary>
internal sealed class WordVectors
{
    private static readonly Lazy<WordVectors> Lazy = new(LoadBuiltIn);

    private readonly WordVectorFile _file;
    private readonly ushort[] _scales;
    private readonly char[] _text;
    private readonly int[] _starts;
    private readonly int[] _slots;

    private WordVectors(WordVectorFile file)
    {
        _file = file;
        _scales = new ushort[file.WordCount];
        _text = Encoding.UTF8.GetChars(file.Text.ToArray());
        _starts = new int[file.WordCount + 1];
        _slots = new int[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)file.WordCount * 2)];
        var read = 0;
        for (var word = 0; word < file.WordCount; word++)
        {
            _scales[word] = BinaryPrimitives.ReadUInt16LittleEndian(file.Scales[(word * 2)..]);
            var length = file.Lengths[word];
            _starts[word + 1] = _starts[word] + Encoding.UTF8.GetCharCount(file.Text.Slice(read, length));
            read += length;
            Insert(word);
        }
    }

    /// <summary>The vectors that come with this assembly, loaded when first asked for and kept.</summary>
    public static WordVectors BuiltIn => Lazy.Value;

    public int Dimension => _file.Dimension;

    public int Count => _file.WordCount;

    public int UnknownWordScale => _file.UnknownWordScale;

    public ulong Checksum => _file.Checksum;

    public static WordVectors Load(byte[] bytes) => new(WordVectorFile.Open(bytes));

    /// <summary>Finds a lower-case word.</summary>
    public bool TryFind(ReadOnlySpan<char> word, out int index)
    {
        var mask = _slots.Length - 1;
        for (var slot = (int)Hash(word) & mask; _slots[slot] != 0; slot = (slot + 1) & mask)
        {
            index = _slots[slot] - 1;
            if (WordAt(index).SequenceEqual(word)) return true;
        }

        index = -1;
        return false;
    }

    public ReadOnlySpan<char> WordAt(int index) => _text.AsSpan(_starts[index], _starts[index + 1] - _starts[index]);

    /// <summary>Adds a word's contribution to a sum of <see cref="Dimension"/> numbers.</summary>
    public void AddTo(Span<long> sum, int index)
    {
        var row = MemoryMarshal.Cast<byte, sbyte>(_file.Rows.Slice(index * Dimension, Dimension));
        var scale = (int)_scales[index];
        sum = sum[..row.Length];
        for (var i = 0; i < row.Length; i++) sum[i] += scale * row[i];
    }

    private void Insert(int word)
    {
        if (TryFind(WordAt(word), out _)) throw new InvalidDataException($"This is not a usable word vector file: word {word} stands in it twice.");
        var mask = _slots.Length - 1;
        var slot = (int)Hash(WordAt(word)) & mask;
        while (_slots[slot] != 0) slot = (slot + 1) & mask;
        _slots[slot] = word + 1;
    }

    private static ulong Hash(ReadOnlySpan<char> word) => XxHash3.HashToUInt64(MemoryMarshal.AsBytes(word));

    private static WordVectors LoadBuiltIn()
    {
        using var stream = typeof(WordVectors).Assembly.GetManifestResourceStream("word-vectors.bin")
            ?? throw new InvalidOperationException("This assembly was built without its word vectors.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return Load(bytes);
    }
}
