using System.Collections.Concurrent;

namespace MemoryAspire.Index.Memories;

/// <summary>
/// Tenants, users, agents and sessions as numbers from 1 on, so that a filter compares 32 bits. One writer
/// gives numbers; anybody reads. 0 is absent.
/// </summary>
internal sealed class TextNumbers
{
    private readonly ConcurrentDictionary<string, uint> _numbers = new(StringComparer.Ordinal);
    private readonly List<string> _texts = [""];

    /// <summary>How many texts there are. For the writer.</summary>
    public int Count => _texts.Count - 1;

    /// <summary>The text's number, given now if need be. For the writer.</summary>
    public uint Give(string? text)
    {
        if (text is null) return 0;
        if (_numbers.TryGetValue(text, out var number)) return number;
        number = checked((uint)_texts.Count);
        _texts.Add(text);
        _numbers[text] = number;
        return number;
    }

    /// <summary>The text of a number; null for 0. For the writer.</summary>
    public string? Text(uint number) => number == 0 ? null : _texts[checked((int)number)];

    /// <summary>The text's number; false when no memory here ever had it.</summary>
    public bool TryFind(string? text, out uint number)
    {
        number = 0;
        return text is null || _numbers.TryGetValue(text, out number);
    }

    /// <summary>All texts, by their numbers less one. For the writer.</summary>
    public string[] ToArray() => [.. _texts.Skip(1)];
}
