using System.Text.Json;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Postgres.Conflicts;

namespace MemoryAspire.Postgres.Tests.Conflicts;

public sealed class PatchRulesTests
{
    private static readonly MemoryFields Current = new(
        "Ada prefers tea.", MemoryKind.Semantic, JsonElement.Parse("""{"topic":"drinks","who":"Ada"}"""), 0.5, DateTimeOffset.UnixEpoch);

    [Fact]
    public void An_empty_patch_changes_nothing() => Assert.Equal(Current, PatchRules.Apply(Current, new MemoryPatch()));

    [Fact]
    public void Each_part_changes_alone()
    {
        Assert.Equal(Current with { Content = "Coffee." }, PatchRules.Apply(Current, new MemoryPatch { Content = "Coffee." }));
        Assert.Equal(Current with { Kind = MemoryKind.Episodic }, PatchRules.Apply(Current, new MemoryPatch { Kind = MemoryKind.Episodic }));
        Assert.Equal(Current with { Importance = 0 }, PatchRules.Apply(Current, new MemoryPatch { Importance = 0 }));
        Assert.Equal(Current with { ExpiresAt = null }, PatchRules.Apply(Current, new MemoryPatch { ExpiresAt = new ExpiryChange(null) }));
    }

    [Fact]
    public void Metadata_is_merged_or_replaced()
    {
        var merge = new MetadataChange.Merge(JsonElement.Parse("""{"topic":null,"hot":true}"""));
        var replace = new MetadataChange.Replace(JsonElement.Parse("""{"hot":true}"""));

        Assert.Equal("""{"hot":true,"who":"Ada"}""", Metadata(merge));
        Assert.Equal("""{"hot":true}""", Metadata(replace));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("1")]
    public void Metadata_stays_an_object(string patch)
    {
        Assert.Throws<ArgumentException>(() => Metadata(new MetadataChange.Merge(JsonElement.Parse(patch))));
        Assert.Throws<ArgumentException>(() => Metadata(new MetadataChange.Replace(JsonElement.Parse(patch))));
    }

    private static string Metadata(MetadataChange change) => PatchRules.Apply(Current, new MemoryPatch { Metadata = change }).Metadata.GetRawText();
}
