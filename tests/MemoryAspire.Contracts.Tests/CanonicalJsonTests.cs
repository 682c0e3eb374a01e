using System.Text;
using System.Text.Json;
using MemoryAspire.Contracts.Memories;

namespace MemoryAspire.Contracts.Tests;

public sealed class CanonicalJsonTests
{
    [Theory]
    [InlineData("""{ "b" : 1, "a" : [ true , null ] }""", """{"a":[true,null],"b":1}""")]
    [InlineData("""{"a":1,"a":2}""", """{"a":2}""")]
    [InlineData("""{"n":[1.0,-0,-0.0,0.10,1e2,1.5E+3,12e-3,-7E0,100]}""", """{"n":[1,0,0,0.1,100,1500,0.012,-7,100]}""")]
    [InlineData("""{"é":"\u00e9\u002f/<>&'"}""", """{"é":"é//<>&'"}""")]
    [InlineData("""{"Z":1,"a":2,"AA":3}""", """{"AA":3,"Z":1,"a":2}""")]
    public void A_value_has_one_spelling(string text, string expected)
    {
        var once = CanonicalJson.Of(JsonElement.Parse(text));

        Assert.Equal(expected, once.GetRawText());
        Assert.Equal(expected, Encoding.UTF8.GetString(CanonicalJson.Encode(once)));
    }

    [Theory]
    [InlineData("1e401")]
    [InlineData("1e-401")]
    [InlineData("1e99999999999999999999")]
    public void A_number_that_would_grow_without_bound_is_refused(string number) =>
        Assert.Throws<FormatException>(() => CanonicalJson.Of(JsonElement.Parse($$"""{"n":{{number}}}""")));

    [Fact]
    public void A_memory_reads_back_from_its_json()
    {
        var memory = Some.Memory();

        var read = MemoryJson.Decode(MemoryJson.Encode(memory));

        Assert.Equal(memory with { Metadata = default }, read with { Metadata = default });
        Assert.Equal(memory.Metadata.GetRawText(), read.Metadata.GetRawText());
    }

    [Fact]
    public void Json_is_camel_case_with_utc_times_and_without_absent_scope_parts() =>
        Assert.Equal(
            """{"id":"0198c0de-0000-7007-8000-000000000001","content":"Ada prefers tea.","kind":"semantic","scope":{"user":"ada"},"metadata":{"topic":"drinks"},"importance":0.5,"version":3,"createdAt":"2026-03-01T12:00:00.000001Z","updatedAt":"2026-03-02T12:00:00Z","expiresAt":null}""",
            Encoding.UTF8.GetString(MemoryJson.Encode(Some.Memory())));
}
