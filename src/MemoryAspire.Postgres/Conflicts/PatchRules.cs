using System.Text.Json;

namespace MemoryAspire.Postgres.Conflicts;

/// <summary>What a memory is after an update.</summary>
internal static class PatchRules
{
    /// <summary>The fields after the patch; what it does not name stays.</summary>
    /// <exception cref="ArgumentException">The metadata would no longer be an object.</exception>
    public static MemoryFields Apply(MemoryFields current, MemoryPatch patch) => new(
        patch.Content ?? current.Content,
        patch.Kind ?? current.Kind,
        Metadata(current.Metadata, patch.Metadata),
        patch.Importance ?? current.Importance,
        patch.ExpiresAt is { } expiry ? expiry.At : current.ExpiresAt);

    private static JsonElement Metadata(JsonElement current, MetadataChange? change)
    {
        var changed = change switch
        {
            null => current,
            MetadataChange.Merge merge => MergePatch.Apply(current, merge.Patch),
            MetadataChange.Replace replace => replace.Value,
            _ => throw new InvalidOperationException($"Unhandled change {change.GetType().Name}."),
        };
        if (changed.ValueKind != JsonValueKind.Object) throw new ArgumentException("Metadata is a JSON object.", nameof(change));
        return changed;
    }
}
