using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using MemoryAspire.Contracts.Memories;

namespace MemoryAspire.Postgres.Conflicts;

/// <summary>Takes JSON objects apart and puts them together; each name counts once.</summary>
internal static class JsonMembers
{
    /// <summary>The members by name, the last of equal names; none unless the value is an object.</summary>
    public static SortedDictionary<string, JsonElement> Of(JsonElement? value)
    {
        var members = new SortedDictionary<string, JsonElement>(StringComparer.Ordinal);
        if (value is not { ValueKind: JsonValueKind.Object } present) return members;
        foreach (var member in present.EnumerateObject()) members[member.Name] = member.Value;
        return members;
    }

    /// <summary>The member of this name; null when there is none.</summary>
    public static JsonElement? At(this SortedDictionary<string, JsonElement> members, string name) =>
        members.TryGetValue(name, out var value) ? value : null;

    /// <summary>True when both are absent, or both are the same value in canonical form.</summary>
    public static bool SameCanonical(JsonElement? left, JsonElement? right) =>
        left is { } one && right is { } other
            ? JsonMarshal.GetRawUtf8Value(one).SequenceEqual(JsonMarshal.GetRawUtf8Value(other))
            : left is null && right is null;

    /// <summary>The value that was written, in canonical form.</summary>
    public static JsonElement Canonical(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer)) write(writer);
        using var document = JsonDocument.Parse(buffer.WrittenMemory);
        return CanonicalJson.Of(document.RootElement);
    }
}
