using System.Text.Json;

namespace MemoryAspire.Postgres.Conflicts;

/// <summary>JSON merge patch (RFC 7396): null removes, objects merge, anything else replaces.</summary>
internal static class MergePatch
{
    /// <summary>The patched value, in canonical form.</summary>
    /// <exception cref="FormatException">A number has too many digits for it.</exception>
    public static JsonElement Apply(JsonElement target, JsonElement patch) =>
        JsonMembers.Canonical(writer => Write(target, patch, writer));

    private static void Write(JsonElement? target, JsonElement patch, Utf8JsonWriter writer)
    {
        if (patch.ValueKind != JsonValueKind.Object)
        {
            patch.WriteTo(writer);
            return;
        }

        var present = JsonMembers.Of(target);
        var changes = JsonMembers.Of(patch);
        writer.WriteStartObject();
        foreach (var (name, value) in present.Where(member => !changes.ContainsKey(member.Key)))
        {
            writer.WritePropertyName(name);
            value.WriteTo(writer);
        }

        foreach (var (name, change) in changes.Where(member => member.Value.ValueKind != JsonValueKind.Null))
        {
            writer.WritePropertyName(name);
            Write(present.At(name), change, writer);
        }

        writer.WriteEndObject();
    }
}
