using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Postgres.Conflicts;

namespace MemoryAspire.Postgres.Tests.Conflicts;

/// <summary>A version of a memory and two changes of it.</summary>
public sealed record Versions(MemoryFields Base, MemoryFields Ours, MemoryFields Theirs)
{
    public override string ToString() => $"\nbase   {Base}\nours   {Ours}\ntheirs {Theirs}";
}

/// <summary>Any JSON value, spelled as somebody might.</summary>
public sealed record JsonSample(JsonElement Value)
{
    public override string ToString() => Value.GetRawText();
}

/// <summary>
/// Few names and few values, so that the sides often meet; nulls, letters beyond ASCII, one number in many spellings.
/// </summary>
public static class SomeChanges
{
    private const int Depth = 3;

    private static readonly string[] Names = ["a", "b", "é", "\U0001F375"];

    private static readonly string[] Leaves =
        ["null", "true", "1", "1.0", "1e0", "10E-1", "-0", "0", "0.10", "\"1\"", "\"té\"", "\"t\\u00e9\"", "[]", "[1,null]", "[1.0,null]", "[{\"a\":1}]"];

    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static Arbitrary<JsonSample> Samples() => Value(Depth).Select(text => new JsonSample(JsonElement.Parse(text))).ToArbitrary();

    public static Arbitrary<Versions> Changed() =>
        (from before in Fields(Object(Depth))
         from ours in Edited(before)
         from theirs in Edited(before)
         select new Versions(before, ours, theirs)).ToArbitrary();

    private static Gen<MemoryFields> Fields(Gen<string> metadata) =>
        from content in Gen.Elements("Tea.", "Té.", "TEA.")
        from kind in Gen.Elements(MemoryKind.Episodic, MemoryKind.Semantic, MemoryKind.Procedural)
        from importance in Gen.Elements(0, 0.5, 1)
        from expires in Gen.Elements<DateTimeOffset?>(null, Noon, Noon.AddHours(1))
        from text in metadata
        select new MemoryFields(content, kind, JsonElement.Parse(text), importance, expires);

    private static Gen<MemoryFields> Edited(MemoryFields before) =>
        from other in Fields(Edited(before.Metadata, Depth))
        from changes in Gen.ArrayOf(Gen.Frequency((3, Gen.Constant(false)), (1, Gen.Constant(true))), 4)
        select new MemoryFields(
            changes[0] ? other.Content : before.Content,
            changes[1] ? other.Kind : before.Kind,
            other.Metadata,
            changes[2] ? other.Importance : before.Importance,
            changes[3] ? other.ExpiresAt : before.ExpiresAt);

    private static Gen<string> Edited(JsonElement before, int depth) => before.ValueKind == JsonValueKind.Object
        ? Object(name => before.TryGetProperty(name, out var value)
            ? Gen.Frequency(
                (5, Gen.Constant<string?>(Respelled(value))),
                (1, Gen.Constant<string?>(null)),
                (3, Edited(value, depth - 1).Select(text => (string?)text)))
            : Gen.Frequency((5, Gen.Constant<string?>(null)), (2, Value(depth - 1).Select(text => (string?)text))))
        : Value(depth);

    private static string Respelled(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && !value.GetRawText().Contains('e', StringComparison.OrdinalIgnoreCase)
            ? value.GetRawText() + "e0"
            : value.GetRawText();

    private static Gen<string> Value(int depth) =>
        depth <= 0 ? Gen.Elements(Leaves) : Gen.Frequency((2, Gen.Elements(Leaves)), (3, Object(depth)));

    private static Gen<string> Object(int depth) =>
        Object(_ => Gen.Frequency((1, Gen.Constant<string?>(null)), (1, Value(depth - 1).Select(text => (string?)text))));

    private static Gen<string> Object(Func<string, Gen<string?>> member) =>
        Gen.CollectToArray(Names, name => member(name).Select(text => text is null ? null : $"\"{name}\": {text}"))
            .Select(members => $"{{{string.Join(", ", members.Where(text => text is not null))}}}");
}
