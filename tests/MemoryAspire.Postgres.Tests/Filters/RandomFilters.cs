using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;

namespace MemoryAspire.Postgres.Tests.Filters;

/// <summary>Metadata and filters over the same few names and values, so that they meet.</summary>
internal static class RandomFilters
{
    private static readonly string[] Names = ["a", "b", "a.b", "0", "a\\", "é", "%", "_", "'", "\"", "$", "{}", "[0]", "\U0001F375", "*", " "];

    private static readonly string[] Texts =
        ["", "a", "A", "b", "ab", "a%", "a_b", "\\", "'", "\"", "é", "e\u0301", "\uFFFD", "\U0001F375", "\uE000", "1", "true", "null", "semantic", "%", "\n", "$1", "tea"];

    private static readonly string[] Numbers = ["0", "1", "1.0", "-1", "2", "10", "0.1", "0.10000000000000000000000001", "1e3", "1000", "-1.5", "9007199254740993", "9007199254740992", "1e-30", "123456789012345678901234567890"];

    private static readonly string[] Times = ["2026-03-01T12:00:00Z", "2026-03-01T12:00:00.000001Z", "2026-03-01T13:00:00+01:00", "2020-01-01T00:00:00Z", "2026-03-01T12:00:01Z"];

    private static Gen<JsonNode?> Scalar { get; } = Gen.OneOf(
        Gen.Elements(Texts).Select(text => (JsonNode?)JsonValue.Create(text)),
        Gen.Elements(Numbers).Select(number => JsonNode.Parse(number)),
        Gen.Elements(true, false).Select(flag => (JsonNode?)JsonValue.Create(flag)));

    public static Gen<string> Metadata { get; } = Object(3).Select(node => node.ToJsonString());

    public static Gen<string> Filter { get; } = Node(3).Select(node => node.ToJsonString());

    private static Gen<JsonNode?> Value(int depth) => depth == 0
        ? Gen.OneOf(Scalar, Gen.Constant((JsonNode?)null))
        : Gen.Frequency(
            (4, Scalar),
            (1, Gen.Constant((JsonNode?)null)),
            (2, Object(depth - 1).Select(node => (JsonNode?)node)),
            (2, Value(depth - 1).ArrayOf().Where(items => items.Length < 5).Select(items => (JsonNode?)new JsonArray([.. items.Select(Copy)]))));

    private static Gen<JsonObject> Object(int depth) => Gen.Choose(0, 4).SelectMany(count => Gen.Zip(Gen.Elements(Names), Value(depth)).ArrayOf(count)).Select(members =>
    {
        var made = new JsonObject();
        foreach (var (name, value) in members) made[name] = Copy(value);
        return made;
    });

    private static Gen<JsonObject> Node(int depth) => depth == 0
        ? Condition()
        : Gen.Frequency(
            (3, Condition()),
            (1, Items(depth).Select(items => new JsonObject { ["and"] = items })),
            (1, Items(depth).Select(items => new JsonObject { ["or"] = items })),
            (1, Node(depth - 1).Select(item => new JsonObject { ["not"] = item.DeepClone() })));

    private static Gen<JsonArray> Items(int depth) =>
        Gen.Choose(1, 3).SelectMany(count => Node(depth - 1).ArrayOf(count)).Select(items => new JsonArray([.. items.Select(item => item.DeepClone())]));

    private static Gen<JsonObject> Condition() => Gen.Frequency(
        (6, Gen.Zip(Path(), Test(Scalar, ordered: Scalar.Where(value => value!.GetValueKind() is JsonValueKind.String or JsonValueKind.Number), contains: true))),
        (1, Gen.Zip(Gen.Constant("kind"), Test(Gen.Elements("semantic", "episodic").Select(Text), null, contains: false))),
        (1, Gen.Zip(Gen.Constant("importance"), Test(Gen.Elements("0.5", "0.1", "0.30000000000000004", "0.3", "1", "5e-1").Select(number => JsonNode.Parse(number)), null, contains: false))),
        (1, Gen.Zip(Gen.Elements("createdAt", "updatedAt"), Test(Gen.Elements(Times).Select(Text), null, contains: false))),
        (1, Gen.Zip(Gen.Elements("scope.user", "scope.agent", "scope.session"), Test(Gen.Elements(Texts).Select(Text), null, contains: true))))
        .Select(condition => new JsonObject { [condition.Item1] = condition.Item2 });

    private static Gen<string> Path() => Gen.Choose(1, 3).SelectMany(count => Gen.Elements(Names).ArrayOf(count)).Select(names =>
        "metadata." + string.Join('.', names.Select(name => name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(".", "\\.", StringComparison.Ordinal))));

    private static Gen<JsonObject> Test(Gen<JsonNode?> value, Gen<JsonNode?>? ordered, bool contains) => Gen.OneOf(
        One(["eq", "ne"], value),
        One(["gt", "gte", "lt", "lte"], ordered ?? value),
        contains ? One(["contains"], value) : One(["eq"], value),
        Gen.Elements(true, false).Select(wanted => new JsonObject { ["exists"] = wanted }),
        Gen.Zip(Gen.Elements("in", "nin"), Gen.Choose(1, 3).SelectMany(count => value.ArrayOf(count)))
            .Select(test => new JsonObject { [test.Item1] = new JsonArray([.. test.Item2.Select(Copy)]) }));

    private static Gen<JsonObject> One(string[] operators, Gen<JsonNode?> value) =>
        Gen.Zip(Gen.Elements(operators), value).Select(test => new JsonObject { [test.Item1] = Copy(test.Item2) });

    private static JsonNode? Text(string text) => JsonValue.Create(text);

    private static JsonNode? Copy(JsonNode? node) => node?.DeepClone();

    public static double Importance(int seed) => new[] { 0, 0.1, 0.3, 0.30000000000000004, 0.5, 1, 1e-7, 1.0 / 3 }[seed % 8];

    public static DateTimeOffset Time(int seed) => DateTimeOffset.Parse(Times[seed % Times.Length], CultureInfo.InvariantCulture).ToUniversalTime();

    public static string? ScopePart(int seed) => seed % 3 == 0 ? null : Texts[1 + (seed % (Texts.Length - 1))];
}
