using System.Text.Json;
using MemoryAspire.Contracts.Memories;

namespace MemoryAspire.Postgres.Conflicts;

/// <summary>Two changes of one memory, put together or not.</summary>
internal abstract record MergeResult
{
    private MergeResult()
    {
    }

    /// <summary>Both sides' changes.</summary>
    public sealed record Merged(MemoryFields Fields) : MergeResult;

    /// <summary>
    /// What both sides changed, and differently, by its path in the JSON: <c>content</c>, <c>metadata.topic</c>.
    /// </summary>
    public sealed record Conflicting(IReadOnlyList<string> Fields) : MergeResult;
}

/// <summary>
/// Merges two changes of one version. What one side left as it was takes the other's value; what both changed
/// must have become the same. Metadata merges key by key through objects; a text, an array and a number are one value.
/// </summary>
internal static class ThreeWayMerge
{
    public static MergeResult Of(MemoryFields @base, MemoryFields ours, MemoryFields theirs)
    {
        var conflicts = new List<string>();
        var merged = new MemoryFields(
            Choose("content", @base.Content, ours.Content, theirs.Content, conflicts),
            Choose("kind", @base.Kind, ours.Kind, theirs.Kind, conflicts),
            Metadata(@base.Metadata, ours.Metadata, theirs.Metadata, conflicts),
            Choose("importance", @base.Importance, ours.Importance, theirs.Importance, conflicts),
            Choose("expiresAt", @base.ExpiresAt, ours.ExpiresAt, theirs.ExpiresAt, conflicts));
        return conflicts.Count == 0 ? new MergeResult.Merged(merged) : new MergeResult.Conflicting(conflicts);
    }

    private static T Choose<T>(string field, T @base, T ours, T theirs, List<string> conflicts)
    {
        var values = EqualityComparer<T>.Default;
        if (values.Equals(ours, theirs) || values.Equals(theirs, @base)) return ours;
        if (!values.Equals(ours, @base)) conflicts.Add(field);
        return theirs;
    }

    private static JsonElement Metadata(JsonElement @base, JsonElement ours, JsonElement theirs, List<string> conflicts)
    {
        var (before, one, other) = (CanonicalJson.Of(@base), CanonicalJson.Of(ours), CanonicalJson.Of(theirs));
        return JsonMembers.Canonical(writer => WriteObject("metadata", before, one, other, writer, conflicts));
    }

    private static void WriteObject(
        string path, JsonElement? @base, JsonElement? ours, JsonElement? theirs, Utf8JsonWriter writer, List<string> conflicts)
    {
        var (before, one, other) = (JsonMembers.Of(@base), JsonMembers.Of(ours), JsonMembers.Of(theirs));
        writer.WriteStartObject();
        foreach (var name in one.Keys.Union(other.Keys).Order(StringComparer.Ordinal))
        {
            WriteMember($"{path}.{name}", name, (before.At(name), one.At(name), other.At(name)), writer, conflicts);
        }

        writer.WriteEndObject();
    }

    private static void WriteMember(
        string path, string name, (JsonElement? Base, JsonElement? Ours, JsonElement? Theirs) value, Utf8JsonWriter writer, List<string> conflicts)
    {
        var (before, one, other) = value;
        if (JsonMembers.SameCanonical(one, other) || JsonMembers.SameCanonical(other, before)) Write(name, one, writer);
        else if (JsonMembers.SameCanonical(one, before)) Write(name, other, writer);
        else if (IsObject(one) && IsObject(other) && (before is null || IsObject(before)))
        {
            writer.WritePropertyName(name);
            WriteObject(path, before, one, other, writer, conflicts);
        }
        else conflicts.Add(path);
    }

    private static void Write(string name, JsonElement? value, Utf8JsonWriter writer)
    {
        if (value is not { } present) return;
        writer.WritePropertyName(name);
        present.WriteTo(writer);
    }

    private static bool IsObject(JsonElement? value) => value is { ValueKind: JsonValueKind.Object };
}
