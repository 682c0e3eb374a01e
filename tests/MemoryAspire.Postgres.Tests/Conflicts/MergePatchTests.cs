using System.Text.Json;
using FsCheck.Xunit;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Postgres.Conflicts;

namespace MemoryAspire.Postgres.Tests.Conflicts;

[Properties(Arbitrary = [typeof(SomeChanges)], MaxTest = 500)]
public sealed class MergePatchTests
{
    [Theory]
    [InlineData("""{"a":"b"}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"b":"c"}""", """{"a":"b","b":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"a":null}""", """{}""")]
    [InlineData("""{"a":"b","b":"c"}""", """{"a":null}""", """{"b":"c"}""")]
    [InlineData("""{"a":["b"]}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"c"}""", """{"a":["b"]}""", """{"a":["b"]}""")]
    [InlineData("""{"a":{"b":"c"}}""", """{"a":{"b":"d","c":null}}""", """{"a":{"b":"d"}}""")]
    [InlineData("""{"a":[{"b":"c"}]}""", """{"a":[1]}""", """{"a":[1]}""")]
    [InlineData("""["a","b"]""", """["c","d"]""", """["c","d"]""")]
    [InlineData("""{"a":"b"}""", """["c"]""", """["c"]""")]
    [InlineData("""{"a":"foo"}""", "null", "null")]
    [InlineData("""{"a":"foo"}""", "\"bar\"", "\"bar\"")]
    [InlineData("""{"e":null}""", """{"a":1}""", """{"a":1,"e":null}""")]
    [InlineData("""[1,2]""", """{"a":"b","c":null}""", """{"a":"b"}""")]
    [InlineData("""{}""", """{"a":{"bb":{"ccc":null}}}""", """{"a":{"bb":{}}}""")]
    public void The_examples_of_rfc_7396_hold(string target, string patch, string expected) => Assert.Equal(expected, Patched(target, patch));

    [Theory]
    [InlineData("""{"a":1,"a":2,"b":3}""", """{"b":4,"b":null}""", """{"a":2}""")]
    [InlineData("""{"z":1.0, "é":"\u00e9"}""", """{"a":[1e1,null]}""", """{"a":[10,null],"z":1,"é":"é"}""")]
    [InlineData("""{"a":{"b":1}}""", """{"a":{}}""", """{"a":{"b":1}}""")]
    public void Of_equal_names_the_last_counts_and_the_result_is_canonical(string target, string patch, string expected) =>
        Assert.Equal(expected, Patched(target, patch));

    [Property]
    public bool An_empty_patch_changes_no_object(Versions versions) =>
        Text(MergePatch.Apply(versions.Base.Metadata, CanonicalJson.EmptyObject)) == Text(CanonicalJson.Of(versions.Base.Metadata));

    [Property]
    public bool A_patch_applied_again_changes_nothing(JsonSample target, JsonSample patch)
    {
        var once = MergePatch.Apply(target.Value, patch.Value);
        return Text(once) == Text(MergePatch.Apply(once, patch.Value));
    }

    [Property]
    public bool A_result_is_canonical_and_no_name_of_the_patch_that_is_null_is_left(JsonSample target, JsonSample patch)
    {
        var result = MergePatch.Apply(target.Value, patch.Value);
        return Text(result) == Text(CanonicalJson.Of(result))
            && (patch.Value.ValueKind != JsonValueKind.Object
                || patch.Value.EnumerateObject().All(member => result.TryGetProperty(member.Name, out _) == (member.Value.ValueKind != JsonValueKind.Null)));
    }

    private static string Patched(string target, string patch) => Text(MergePatch.Apply(JsonElement.Parse(target), JsonElement.Parse(patch)));

    private static string Text(JsonElement value) => value.GetRawText();
}
