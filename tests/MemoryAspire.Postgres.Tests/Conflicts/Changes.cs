using System.Text;
using System.Text.Json;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Postgres.Conflicts;

namespace MemoryAspire.Postgres.Tests.Conflicts;

/// <summary>What differs between two states, flat: by path, what is there now; null where nothing is.</summary>
internal static class Changes
{
    public static HashSet<(string Path, string? Now)> Between(MemoryFields before, MemoryFields after)
    {
        var changes = new HashSet<(string Path, string? Now)>();
        if (before.Content != after.Content) changes.Add(("content", after.Content));
        if (before.Kind != after.Kind) changes.Add(("kind", after.Kind.ToText()));
        if (before.Importance != after.Importance) changes.Add(("importance", $"{after.Importance}"));
        if (before.ExpiresAt != after.ExpiresAt) changes.Add(("expiresAt", $"{after.ExpiresAt:O}"));
        Walk("metadata", before.Metadata, after.Metadata, changes);
        return changes;
    }

    /// <summary>
    /// The paths that both sides changed and differently: at the same place, or one of them above the other's.
    /// </summary>
    public static IEnumerable<string> Clashes(HashSet<(string Path, string? Now)> one, HashSet<(string Path, string? Now)> other) =>
        Above(one, other).Union(Above(other, one));

    private static IEnumerable<string> Above(HashSet<(string Path, string? Now)> one, HashSet<(string Path, string? Now)> other) =>
        from change in one
        where !other.Contains(change)
        where other.Any(theirs => theirs.Path == change.Path || theirs.Path.StartsWith(change.Path + ".", StringComparison.Ordinal))
        select change.Path;

    private static void Walk(string path, JsonElement? before, JsonElement? after, HashSet<(string Path, string? Now)> changes)
    {
        if (Text(before) == Text(after)) return;
        if (after is { ValueKind: JsonValueKind.Object } now && before is null or { ValueKind: JsonValueKind.Object })
        {
            if (before is null) changes.Add((path, "{}"));
            foreach (var name in Names(before).Union(Names(now))) Walk($"{path}.{name}", At(before, name), At(now, name), changes);
        }
        else
        {
            changes.Add((path, Text(after)));
        }
    }

    private static IEnumerable<string> Names(JsonElement? value) => value is { } present ? present.EnumerateObject().Select(member => member.Name) : [];

    private static JsonElement? At(JsonElement? value, string name) =>
        value is { } present && present.TryGetProperty(name, out var member) ? member : null;

    private static string? Text(JsonElement? value) => value is { } present ? Encoding.UTF8.GetString(CanonicalJson.Encode(present)) : null;
}
