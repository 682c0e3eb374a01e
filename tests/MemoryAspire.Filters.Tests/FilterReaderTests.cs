using System.Text.Json;

namespace MemoryAspire.Filters.Tests;

public sealed class FilterReaderTests
{
    [Theory]
    [InlineData("[]", "must be an object.")]
    [InlineData("{}", "must have a condition.")]
    [InlineData("""{"colour":{"eq":1}}""", "there is no field 'colour'. There are metadata.*, kind, importance, createdAt, updatedAt, scope.user, scope.agent and scope.session, and and, or, not.")]
    [InlineData("""{"and":[{"kind":{"eq":"semantic"}},{"scope.team":{"eq":"x"}}]}""", "at and[1]: there is no field 'scope.team'*")]
    [InlineData("""{"metadata":{"eq":1}}""", "there is no field 'metadata'*")]
    [InlineData("""{"metadata.":{"eq":1}}""", "there is no field 'metadata.'*")]
    [InlineData("""{"metadata.a..b":{"eq":1}}""", "there is no field 'metadata.a..b'*")]
    [InlineData("""{"or":[{"metadata.topic":{"like":"x"}}]}""", "at or[0].metadata.topic.like: there is no operator 'like'*")]
    [InlineData("""{"metadata.topic":"x"}""", "at metadata.topic: must be an object of an operator and a value*")]
    [InlineData("""{"metadata.topic":{}}""", "at metadata.topic: must have an operator.")]
    [InlineData("""{"metadata.topic":{"eq":null}}""", "at metadata.topic.eq: must not be null*")]
    [InlineData("""{"metadata.topic":{"eq":["x"]}}""", "at metadata.topic.eq: must be a string, a number, true or false.")]
    [InlineData("""{"metadata.topic":{"in":[]}}""", "at metadata.topic.in: must be an array of at least one value.")]
    [InlineData("""{"metadata.topic":{"nin":["x",{}]}}""", "at metadata.topic.nin[1]: must be a string, a number, true or false.")]
    [InlineData("""{"metadata.done":{"gt":true}}""", "at metadata.done.gt: true and false have no order*")]
    [InlineData("""{"metadata.topic":{"exists":"yes"}}""", "at metadata.topic.exists: must be true or false.")]
    [InlineData("""{"metadata.n":{"eq":1e999}}""", "at metadata.n.eq: A number has more than 400 digits*")]
    [InlineData("""{"kind":{"eq":"opinion"}}""", "at kind.eq: must be episodic, semantic or procedural.")]
    [InlineData("""{"importance":{"gte":"0.5"}}""", "at importance.gte: must be a number.")]
    [InlineData("""{"importance":{"contains":1}}""", "at importance.contains: is for texts and arrays*")]
    [InlineData("""{"createdAt":{"gte":"yesterday"}}""", "at createdAt.gte: must be an RFC 3339 time*")]
    [InlineData("""{"createdAt":{"gte":"2026-01-01T00:00:00"}}""", "at createdAt.gte: must be an RFC 3339 time*")]
    [InlineData("""{"updatedAt":{"contains":"2026"}}""", "at updatedAt.contains: is for texts and arrays*")]
    [InlineData("""{"scope.user":{"eq":7}}""", "at scope.user.eq: must be a string.")]
    [InlineData("""{"and":[]}""", "at and: must be an array of at least one filter.")]
    [InlineData("""{"not":[{"kind":{"eq":"semantic"}}]}""", "at not: must be an object.")]
    [InlineData("""{"metadata.a":{"eq":"\u0000"}}""", "at metadata.a.eq: must be valid Unicode without U+0000.")]
    [InlineData("""{"metadata.a":{"eq":"\ud800"}}""", "at metadata.a.eq: must be valid Unicode without U+0000.")]
    public void What_is_wrong_is_named_with_its_place(string json, string problem)
    {
        var wrong = Assert.Throws<FilterException>(() => Read(json));

        if (problem.EndsWith('*')) Assert.StartsWith(problem[..^1], wrong.Message, StringComparison.Ordinal);
        else Assert.Equal(problem, wrong.Message);
    }

    [Fact]
    public void A_filter_has_bounds()
    {
        var deep = string.Concat(Enumerable.Repeat("""{"not":""", FilterReader.DepthMax - 1)) + """{"metadata.a":{"eq":1}}""" + new string('}', FilterReader.DepthMax - 1);
        Read(deep);
        Assert.Contains("nested more than 16 levels", Assert.Throws<FilterException>(() => Read($$"""{"not":{{deep}}}""")).Message, StringComparison.Ordinal);

        const string Condition = """{"metadata.a":{"exists":true}}""";
        string Conditions(int count) => $$"""{"or":[{{string.Join(',', Enumerable.Repeat(Condition, count))}}]}""";
        Read(Conditions(FilterReader.ConditionsMax));
        Assert.Contains("at or[256]", Assert.Throws<FilterException>(() => Read(Conditions(FilterReader.ConditionsMax + 1))).Message, StringComparison.Ordinal);

        string Values(int count) => $$$"""{"metadata.a":{"in":[{{{string.Join(',', Enumerable.Repeat("1", count))}}}]}}""";
        Read(Values(FilterReader.ValuesMax));
        Assert.Contains("at metadata.a.in[1000]", Assert.Throws<FilterException>(() => Read(Values(FilterReader.ValuesMax + 1))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("metadata.a.b", "a|b")]
    [InlineData("metadata.a\\.b", "a.b")]
    [InlineData("metadata.a\\\\.b", "a\\|b")]
    [InlineData("metadata.a\\n%_'\"{$[0]", "a\\n%_'\"{$[0]")]
    public void A_path_has_names_between_dots_and_every_other_character_is_itself(string field, string names)
    {
        Assert.True(FilterField.TryParse(field, out var parsed));

        Assert.Equal(names.Split('|'), parsed.Path);
    }

    [Fact]
    public void What_the_index_can_judge_is_taken_out_of_a_conjunction()
    {
        var filter = Read("""{"and":[{"scope.user":{"eq":"ada"}},{"kind":{"in":["semantic","episodic"]}},{"kind":{"eq":"semantic"}}]}""");
        var bounds = FilterBounds.Of(new(Agent: "a"), filter);
        Assert.Equal((new Contracts.Memories.Scope("ada", "a"), true, false), (bounds.Scope, bounds.IsExact, bounds.IsEmpty));
        Assert.Equal([Contracts.Memories.MemoryKind.Semantic], bounds.Kinds);

        Assert.True(FilterBounds.Of(new("bob"), filter).IsEmpty);
        Assert.False(FilterBounds.Of(new("ada"), Read("""{"or":[{"scope.user":{"eq":"bob"}},{"kind":{"eq":"semantic"}}]}""")).IsExact);
        Assert.False(FilterBounds.Of(new(), Read("""{"scope.user":{"ne":"bob"}}""")).IsExact);
        Assert.Null(FilterBounds.Of(new(), Read("""{"not":{"scope.user":{"eq":"bob"}}}""")).Scope.User);
    }

    private static Filter Read(string json) => FilterReader.Read(JsonElement.Parse(json));
}
