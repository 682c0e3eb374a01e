using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;

namespace MemoryAspire.Api.Search;

/// <summary>
/// Where the next page of a search begins: after a score and an id. It keeps what the scores of the first page were made with, so
/// that those of the next are made alike while memories come and go.
/// </summary>
/// <param name="Search">Of which search.</param>
/// <param name="At">When the first page was made: what was created later is not in the next.</param>
/// <param name="Words">What each word told then; null where no words were looked for.</param>
internal sealed record SearchCursor(ulong Search, DateTimeOffset At, double Score, MemoryId Id, WordStatistics? Words)
{
    private const int HeadSize = 1 + 8 + 8 + 8 + MemoryId.Size + 1;

    private const byte Version = 1;

    private const byte NoWords = byte.MaxValue;

    /// <summary>Whether something comes after this place, best first.</summary>
    public bool Precedes(double score, MemoryId id) => score < Score || (score == Score && id < Id);

    public override string ToString()
    {
        var weights = Words?.Weights ?? [];
        Span<byte> bytes = stackalloc byte[HeadSize + 4 + (4 * weights.Count)];
        bytes[0] = Version;
        BinaryPrimitives.WriteUInt64BigEndian(bytes[1..], Search);
        BinaryPrimitives.WriteInt64BigEndian(bytes[9..], Microseconds.From(At));
        BinaryPrimitives.WriteDoubleBigEndian(bytes[17..], Score);
        Id.Write(bytes[25..]);
        bytes[HeadSize - 1] = Words is null ? NoWords : (byte)weights.Count;
        if (Words is null) return Base64Url.EncodeToString(bytes[..HeadSize]);
        BinaryPrimitives.WriteSingleBigEndian(bytes[HeadSize..], Words.LengthMean);
        for (var at = 0; at < weights.Count; at++) BinaryPrimitives.WriteSingleBigEndian(bytes[(HeadSize + 4 + (4 * at))..], weights[at]);
        return Base64Url.EncodeToString(bytes);
    }

    public static bool TryParse(string text, [NotNullWhen(true)] out SearchCursor? cursor)
    {
        cursor = null;
        if (!Base64Url.IsValid(text)) return false;
        ReadOnlySpan<byte> bytes = Base64Url.DecodeFromChars(text);
        if (bytes.Length < HeadSize || bytes[0] != Version) return false;
        var microseconds = BinaryPrimitives.ReadInt64BigEndian(bytes[9..]);
        var score = BinaryPrimitives.ReadDoubleBigEndian(bytes[17..]);
        if (microseconds < 0 || microseconds >= Microseconds.From(DateTimeOffset.MaxValue) || score is not (>= 0 and <= 1)) return false;
        if (!TryReadWords(bytes[(HeadSize - 1)..], out var words)) return false;
        cursor = new SearchCursor(
            BinaryPrimitives.ReadUInt64BigEndian(bytes[1..]), Microseconds.ToTime(microseconds), score, MemoryId.Read(bytes[25..(25 + MemoryId.Size)]), words);
        return true;
    }

    private static bool TryReadWords(ReadOnlySpan<byte> bytes, out WordStatistics? words)
    {
        words = null;
        if (bytes[0] == NoWords) return bytes.Length == 1;
        if (bytes.Length != 5 + (4 * bytes[0])) return false;
        var mean = BinaryPrimitives.ReadSingleBigEndian(bytes[1..]);
        var weights = new float[bytes[0]];
        for (var at = 0; at < weights.Length; at++) weights[at] = BinaryPrimitives.ReadSingleBigEndian(bytes[(5 + (4 * at))..]);
        if (!(mean >= 1) || !float.IsFinite(mean) || weights.Any(weight => !(weight >= 0) || !float.IsFinite(weight))) return false;
        words = new WordStatistics(mean, weights);
        return true;
    }
}
