using System.Buffers;
using System.Globalization;
using System.Text;

namespace MemoryAspire.Embeddings.BuiltIn;

/// <summary>What a word is made of; it decides how the word is looked up.</summary>
internal enum WordKind
{
    Letters,
    Digits,

    /// <summary>One pictograph, such as an emoji.</summary>
    Symbol,
}

/// <summary>
/// Reads the words of a text, lower-cased, one after the other, without allocating. A word is a run of letters
/// (with their combining marks), a run of decimal digits, or one pictograph; everything else separates. English
/// contractions lose their ending (<c>she's</c> is <c>she</c>), and a negated auxiliary is <c>not</c>. Runs longer
/// than <see cref="LengthMax"/> are several words.
/// </summary>
internal ref struct WordReader(ReadOnlySpan<char> text, Span<char> buffer)
{
    /// <summary>The size of the buffer that a reader needs.</summary>
    public const int LengthMax = 64;

    private readonly ReadOnlySpan<char> _text = text;
    private readonly Span<char> _buffer = buffer[..LengthMax];
    private int _at;

    /// <summary>The word just read; valid until the next.</summary>
    public ReadOnlySpan<char> Word { get; private set; }

    public WordKind Kind { get; private set; }

    public bool Read()
    {
        while (_at < _text.Length)
        {
            var (type, length) = Next();
            switch (type)
            {
                case CharacterType.Letter:
                    ReadRun(WordKind.Letters);
                    EndContraction();
                    return true;
                case CharacterType.Digit:
                    ReadRun(WordKind.Digits);
                    return true;
                case CharacterType.Symbol:
                    _text.Slice(_at, length).CopyTo(_buffer);
                    Word = _buffer[..length];
                    Kind = WordKind.Symbol;
                    _at += length;
                    return true;
                default:
                    _at += length;
                    break;
            }
        }

        return false;
    }

    private enum CharacterType
    {
        Separator,
        Letter,
        Mark,
        Digit,
        Symbol,
    }

    private void ReadRun(WordKind kind)
    {
        var written = 0;
        while (_at < _text.Length)
        {
            var (type, length) = Next();
            var belongs = kind == WordKind.Digits ? type == CharacterType.Digit : type is CharacterType.Letter or CharacterType.Mark;
            if (!belongs || written + length > LengthMax) break;
            if (length == 1)
            {
                _buffer[written++] = char.ToLowerInvariant(_text[_at++]);
            }
            else
            {
                _text.Slice(_at, length).CopyTo(_buffer[written..]);
                written += length;
                _at += length;
            }
        }

        Word = _buffer[..written];
        Kind = kind;
    }

    /// <summary>Takes 's, 't, 'm, 'd, 're, 've and 'll off the word just read.</summary>
    private void EndContraction()
    {
        if (_at + 1 >= _text.Length || _text[_at] is not ('\'' or '\u2019')) return;
        var rest = _text[(_at + 1)..];
        var length = 0;
        while (length < rest.Length && length < 3 && char.IsAsciiLetter(rest[length])) length++;
        if (length is 0 or 3 || (length < rest.Length && char.IsLetterOrDigit(rest[length]))) return;
        var ending = rest[..length];
        if (ending is "t" or "T")
        {
            if (Word is not [.., 'n']) return;
            "not".CopyTo(_buffer);
            Word = _buffer[..3];
        }
        else if (!IsEnding(ending))
        {
            return;
        }

        _at += 1 + length;
    }

    private static bool IsEnding(ReadOnlySpan<char> ending) => ending.Length switch
    {
        1 => char.ToLowerInvariant(ending[0]) is 's' or 'm' or 'd',
        _ => (char.ToLowerInvariant(ending[0]), char.ToLowerInvariant(ending[1])) is ('r', 'e') or ('v', 'e') or ('l', 'l'),
    };

    private readonly (CharacterType Type, int Length) Next()
    {
        var first = _text[_at];
        if (char.IsAscii(first))
        {
            return (char.IsAsciiLetter(first) ? CharacterType.Letter : char.IsAsciiDigit(first) ? CharacterType.Digit : CharacterType.Separator, 1);
        }

        // What cannot be decoded, here or before it came here, says nothing.
        return Rune.DecodeFromUtf16(_text[_at..], out var rune, out var length) == OperationStatus.Done && rune != Rune.ReplacementChar
            ? (TypeOf(Rune.GetUnicodeCategory(rune)), length)
            : (CharacterType.Separator, 1);
    }

    private static CharacterType TypeOf(UnicodeCategory category) => category switch
    {
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
            or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => CharacterType.Letter,
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark => CharacterType.Mark,
        UnicodeCategory.DecimalDigitNumber => CharacterType.Digit,
        UnicodeCategory.OtherSymbol => CharacterType.Symbol,
        _ => CharacterType.Separator,
    };
}
