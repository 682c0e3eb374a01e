using System.Text.Json;
using FsCheck.Xunit;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Postgres.Conflicts;

namespace MemoryAspire.Postgres.Tests.Conflicts;

[Properties(Arbitrary = [typeof(SomeChanges)], MaxTest = 2000)]
public sealed class ThreeWayMergeTests
{
    [Property]
    public bool Where_we_changed_nothing_it_is_theirs(Versions versions) =>
        Merged(ThreeWayMerge.Of(versions.Base, versions.Base, versions.Theirs), versions.Theirs);

    [Property]
    public bool Where_they_changed_nothing_it_is_ours(Versions versions) =>
        Merged(ThreeWayMerge.Of(versions.Base, versions.Ours, versions.Base), versions.Ours);

    [Property]
    public bool The_same_change_twice_is_that_change(Versions versions) =>
        Merged(ThreeWayMerge.Of(versions.Base, versions.Ours, versions.Ours), versions.Ours);

    [Property]
    public bool It_does_not_matter_which_side_is_ours(Versions versions) =>
        (ThreeWayMerge.Of(versions.Base, versions.Ours, versions.Theirs), ThreeWayMerge.Of(versions.Base, versions.Theirs, versions.Ours)) switch
        {
            (MergeResult.Merged one, MergeResult.Merged other) => Same(one.Fields, other.Fields),
            (MergeResult.Conflicting one, MergeResult.Conflicting other) => one.Fields.SequenceEqual(other.Fields),
            _ => false,
        };

    [Property]
    public bool A_merge_holds_the_changes_of_both_sides_and_nothing_else(Versions versions)
    {
        if (ThreeWayMerge.Of(versions.Base, versions.Ours, versions.Theirs) is not MergeResult.Merged merged) return true;
        var expected = Changes.Between(versions.Base, versions.Ours);
        expected.UnionWith(Changes.Between(versions.Base, versions.Theirs));
        return Changes.Between(versions.Base, merged.Fields).SetEquals(expected);
    }

    [Property]
    public bool Conflicts_are_what_both_sides_changed_differently(Versions versions)
    {
        var clashes = Changes.Clashes(Changes.Between(versions.Base, versions.Ours), Changes.Between(versions.Base, versions.Theirs)).ToHashSet();
        return ThreeWayMerge.Of(versions.Base, versions.Ours, versions.Theirs) switch
        {
            MergeResult.Conflicting conflicting => conflicting.Fields.Distinct().Count() == conflicting.Fields.Count && clashes.SetEquals(conflicting.Fields),
            _ => clashes.Count == 0,
        };
    }

    [Theory]
    [InlineData("""{}""", """{"topic":"tea"}""", """{"who":"Ada"}""", """{"topic":"tea","who":"Ada"}""")]
    [InlineData("""{"n":1}""", """{"n":1.0,"a":1}""", """{"n":1e0,"b":2}""", """{"a":1,"b":2,"n":1}""")]
    [InlineData("""{"a":{"b":1,"c":2}}""", """{"a":{"b":3,"c":2}}""", """{"a":{"b":1}}""", """{"a":{"b":3}}""")]
    [InlineData("""{}""", """{"a":{"b":1}}""", """{"a":{"c":2}}""", """{"a":{"b":1,"c":2}}""")]
    [InlineData("""{"a":1,"b":2}""", """{"b":2}""", """{"b":3}""", """{"b":3}""")]
    [InlineData("""{"a":null}""", """{}""", """{"a":null,"b":null}""", """{"b":null}""")]
    public void Metadata_merges_key_by_key(string @base, string ours, string theirs, string expected) =>
        Assert.Equal(expected, Assert.IsType<MergeResult.Merged>(OfMetadata(@base, ours, theirs)).Fields.Metadata.GetRawText());

    [Theory]
    [InlineData("""{"topic":"tea"}""", """{"topic":"Tea"}""", """{"topic":"TEA"}""", "metadata.topic")]
    [InlineData("""{"a":{"b":1}}""", """{"a":{"b":2}}""", """{"a":{"b":3}}""", "metadata.a.b")]
    [InlineData("""{"a":{"b":1}}""", """{}""", """{"a":{"b":2}}""", "metadata.a")]
    [InlineData("""{"tags":["a"]}""", """{"tags":["a","b"]}""", """{"tags":["c","a"]}""", "metadata.tags")]
    [InlineData("""{"a":1}""", """{"a":{"b":1}}""", """{"a":{"c":1}}""", "metadata.a")]
    [InlineData("""{}""", """{"b":1,"a":{"x":1},"c":0}""", """{"c":0,"a":{"x":2},"b":null}""", "metadata.a.x, metadata.b")]
    public void What_both_changed_differently_is_named(string @base, string ours, string theirs, string expected) =>
        Assert.Equal(expected, string.Join(", ", Assert.IsType<MergeResult.Conflicting>(OfMetadata(@base, ours, theirs)).Fields));

    [Fact]
    public void Every_field_can_conflict_and_content_does_as_a_whole()
    {
        var (before, ours, theirs) = (Fields("{}"), Fields("""{"a":1}"""), Fields("""{"a":2}"""));
        ours = ours with { Content = "Ada prefers tea!", Kind = MemoryKind.Semantic, Importance = 0.1, ExpiresAt = DateTimeOffset.UnixEpoch };
        theirs = theirs with { Content = "ada prefers tea.", Kind = MemoryKind.Procedural, Importance = 0.2, ExpiresAt = DateTimeOffset.UnixEpoch.AddSeconds(1) };

        var conflicting = Assert.IsType<MergeResult.Conflicting>(ThreeWayMerge.Of(before, ours, theirs));

        Assert.Equal(["content", "kind", "metadata.a", "importance", "expiresAt"], conflicting.Fields);
    }

    private static MergeResult OfMetadata(string @base, string ours, string theirs) => ThreeWayMerge.Of(Fields(@base), Fields(ours), Fields(theirs));

    private static MemoryFields Fields(string metadata) => new("Ada prefers tea.", MemoryKind.Episodic, JsonElement.Parse(metadata), 0.5, null);

    private static bool Merged(MergeResult result, MemoryFields expected) => result is MergeResult.Merged merged && Same(merged.Fields, expected);

    /// <summary>Equal, and the first one's metadata canonical already.</summary>
    private static bool Same(MemoryFields merged, MemoryFields expected) =>
        merged with { Metadata = default } == expected with { Metadata = default }
        && merged.Metadata.GetRawText() == CanonicalJson.Of(expected.Metadata).GetRawText();
}
