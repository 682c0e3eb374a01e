using System.Globalization;
using System.Text;

namespace MemoryAspire.Bench.Load;

/// <summary>
/// What memories are made of: texts of 500 bytes and vectors of 384 dimensions, cut from pools at random places, so that
/// no two are the same and making one is a copy.
/// </summary>
internal sealed class MemoryBodies
{
    public const int ContentLength = 500;
    public const int Dimensions = 384;
    public const int Users = 5000;

    /// <summary>As precise as a float32 is: <c>-0.012345678</c>.</summary>
    private const int NumberLength = 12;
    private const int NumbersMax = 100_000;
    private const int TextLengthMax = 1_000_000;
    private const int WordsMax = 20_000;

    private readonly byte[] _text;
    private readonly byte[] _numbers;
    private readonly float[] _values;

    public MemoryBodies(Random random)
    {
        _text = Text(random);
        _values = [.. Enumerable.Range(0, NumbersMax).Select(_ => (float)((random.NextDouble() - 0.5) / 5))];
        var numbers = new StringBuilder(NumbersMax * (NumberLength + 1));
        foreach (var value in _values) numbers.Append(value.ToString(" 0.000000000;-0.000000000", CultureInfo.InvariantCulture)).Append(',');
        _numbers = Encoding.ASCII.GetBytes(numbers.ToString());
    }

    public ReadOnlySpan<byte> Content(Random random) => _text.AsSpan(random.Next(_text.Length - ContentLength), ContentLength);

    /// <summary>Numbers separated by commas, as JSON has them.</summary>
    public ReadOnlySpan<byte> Numbers(Random random) =>
        _numbers.AsSpan(random.Next(NumbersMax - Dimensions) * (NumberLength + 1), (Dimensions * (NumberLength + 1)) - 1);

    /// <summary>The same as little-endian float32.</summary>
    public byte[] Vector(Random random)
    {
        var vector = new byte[Dimensions * sizeof(float)];
        Buffer.BlockCopy(_values, random.Next(NumbersMax - Dimensions) * sizeof(float), vector, 0, vector.Length);
        return vector;
    }

    public static string User(Random random) => string.Create(CultureInfo.InvariantCulture, $"user-{random.Next(Users):0000}");

    /// <summary>Words as often as a language has them: the n-th with a share of 1/n.</summary>
    private static byte[] Text(Random random)
    {
        var words = Enumerable.Range(0, WordsMax).Select(_ => Word(random)).ToArray();
        var text = new StringBuilder(TextLengthMax + 32);
        while (text.Length < TextLengthMax) text.Append(words[(int)Math.Pow(WordsMax, random.NextDouble()) - 1]).Append(' ');
        return Encoding.ASCII.GetBytes(text.ToString());
    }

    private static string Word(Random random)
    {
        const string consonants = "bcdfghklmnprstvw";
        const string vowels = "aeiou";
        var word = new StringBuilder();
        for (var syllable = random.Next(1, 4); syllable >= 0; syllable--) word.Append(consonants[random.Next(consonants.Length)]).Append(vowels[random.Next(vowels.Length)]);
        return word.ToString();
    }
}
