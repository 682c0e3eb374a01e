using System.Collections.Immutable;
using System.Text.Json;

namespace MemoryAspire.Filters;

/// <summary>
/// Reads a filter from JSON: <c>and</c>, <c>or</c> and <c>not</c> over conditions <c>{ field: { operator: value } }</c>. Several
/// members of one object must all hold.
/// </summary>
public sealed class FilterReader
{
    /// <summary>Levels of <c>and</c>, <c>or</c> and <c>not</c>.</summary>
    public const int DepthMax = 16;

    public const int ConditionsMax = 256;

    /// <summary>Values that all conditions compare with, together.</summary>
    public const int ValuesMax = 1000;

    private int _conditions;
    private int _values;

    private FilterReader()
    {
    }

    /// <exception cref="FilterException">It is not a filter; says why and where.</exception>
    public static Filter Read(JsonElement json) => new FilterReader().ReadNode(json, "", 1);

    private Filter ReadNode(JsonElement json, string at, int depth)
    {
        if (json.ValueKind != JsonValueKind.Object) throw new FilterException(at, "must be an object.");
        if (depth > DepthMax) throw new FilterException(at, $"is nested more than {DepthMax} levels deep.");
        var items = ImmutableArray.CreateBuilder<Filter>();
        foreach (var member in json.EnumerateObject()) items.Add(ReadMember(member.Name, member.Value, at, depth));
        return items.Count switch
        {
            0 => throw new FilterException(at, "must have a condition."),
            1 => items[0],
            _ => new Filter.All(items.ToImmutable()),
        };
    }

    private Filter ReadMember(string name, JsonElement value, string at, int depth)
    {
        var here = at.Length == 0 ? name : $"{at}.{name}";
        return name switch
        {
            "and" => new Filter.All(ReadItems(value, here, depth)),
            "or" => new Filter.Any(ReadItems(value, here, depth)),
            "not" => new Filter.Not(ReadNode(value, here, depth + 1)),
            _ when FilterField.TryParse(name, out var field) => ReadTests(field, value, here),
            _ => throw new FilterException(at, $"there is no field '{name}'. There are metadata.*, kind, importance, createdAt, updatedAt, scope.user, scope.agent and scope.session, and and, or, not."),
        };
    }

    private ImmutableArray<Filter> ReadItems(JsonElement value, string at, int depth)
    {
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() == 0) throw new FilterException(at, "must be an array of at least one filter.");
        return [.. value.EnumerateArray().Select((item, number) => ReadNode(item, $"{at}[{number}]", depth + 1))];
    }

    private Filter ReadTests(FilterField field, JsonElement value, string at)
    {
        if (value.ValueKind != JsonValueKind.Object) throw new FilterException(at, "must be an object of an operator and a value, such as { \"eq\": 1 }.");
        var tests = ImmutableArray.CreateBuilder<Filter>();
        foreach (var test in value.EnumerateObject())
        {
            if (++_conditions > ConditionsMax) throw new FilterException(at, $"is one condition more than the {ConditionsMax} that a filter may have.");
            tests.Add(ReadTest(field, test.Name, test.Value, $"{at}.{test.Name}"));
        }

        return tests.Count switch
        {
            0 => throw new FilterException(at, "must have an operator."),
            1 => tests[0],
            _ => new Filter.All(tests.ToImmutable()),
        };
    }

    private Filter ReadTest(FilterField field, string name, JsonElement value, string at) => name switch
    {
        "eq" => new Filter.Condition(field, new FilterTest.OneOf([One(field, value, at)])),
        "ne" => new Filter.Not(new Filter.Condition(field, new FilterTest.OneOf([One(field, value, at)]))),
        "in" => new Filter.Condition(field, new FilterTest.OneOf(Many(field, value, at))),
        "nin" => new Filter.Not(new Filter.Condition(field, new FilterTest.OneOf(Many(field, value, at)))),
        "gt" => Compare(field, FilterOrder.Greater, value, at),
        "gte" => Compare(field, FilterOrder.GreaterOrEqual, value, at),
        "lt" => Compare(field, FilterOrder.Less, value, at),
        "lte" => Compare(field, FilterOrder.LessOrEqual, value, at),
        "contains" => new Filter.Condition(field, new FilterTest.Contains(Part(field, value, at))),
        "exists" => value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? new Filter.Condition(field, new FilterTest.Exists(value.GetBoolean()))
            : throw new FilterException(at, "must be true or false."),
        _ => throw new FilterException(at, $"there is no operator '{name}'. There are eq, ne, gt, gte, lt, lte, in, nin, contains and exists."),
    };

    private Filter.Condition Compare(FilterField field, FilterOrder order, JsonElement value, string at) => One(field, value, at) is var one and not FilterValue.Flag
        ? new Filter.Condition(field, new FilterTest.Compare(order, one))
        : throw new FilterException(at, "true and false have no order: it must be a number or a string.");

    private ImmutableArray<FilterValue> Many(FilterField field, JsonElement value, string at)
    {
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() == 0) throw new FilterException(at, "must be an array of at least one value.");
        return [.. value.EnumerateArray().Select((item, number) => One(field, item, $"{at}[{number}]"))];
    }

    private FilterValue One(FilterField field, JsonElement value, string at)
    {
        if (++_values > ValuesMax) throw new FilterException(at, $"is one value more than the {ValuesMax} that a filter may have.");
        return FilterValues.Read(field.Target, value, at);
    }

    private FilterValue Part(FilterField field, JsonElement value, string at)
    {
        if (field.Target is FilterTarget.Importance or FilterTarget.CreatedAt or FilterTarget.UpdatedAt)
        {
            throw new FilterException(at, "is for texts and arrays, and this field is neither.");
        }

        // A part of a kind's name need not be a kind.
        return One(field.Target == FilterTarget.Kind ? field with { Target = FilterTarget.User } : field, value, at);
    }
}
