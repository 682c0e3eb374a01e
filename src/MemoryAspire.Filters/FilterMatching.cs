using System.Text.Json;
using MemoryAspire.Contracts.Memories;

namespace MemoryAspire.Filters;

/// <summary>Judges a memory that is at hand. PostgreSQL judges alike: a test compares the two on random filters and memories.</summary>
public static class FilterMatching
{
    public static bool Matches(this Filter filter, Memory memory) => filter switch
    {
        Filter.All all => all.Items.All(item => item.Matches(memory)),
        Filter.Any any => any.Items.Any(item => item.Matches(memory)),
        Filter.Not not => !not.Item.Matches(memory),
        Filter.Condition condition => Passes(ValueOf(condition.Field, memory), condition.Test),
        _ => throw new ArgumentOutOfRangeException(nameof(filter)),
    };

    private static bool Passes(JsonElement? found, FilterTest test) => test switch
    {
        FilterTest.Exists exists => found is not null == exists.Wanted,
        _ when found is null => false,
        FilterTest.OneOf one => one.Values.Any(value => AreEqual(found.Value, value)),
        FilterTest.Compare compare => Order(found.Value, compare.Value) is { } order && Holds(compare.Order, order),
        FilterTest.Contains contains => Contains(found.Value, contains.Value),
        _ => throw new ArgumentOutOfRangeException(nameof(test)),
    };

    /// <summary>Null when it is absent, or null.</summary>
    private static JsonElement? ValueOf(FilterField field, Memory memory) => field.Target switch
    {
        FilterTarget.Metadata => Follow(memory.Metadata, field.Path),
        FilterTarget.Kind => Json(memory.Kind.ToText()),
        FilterTarget.Importance => CanonicalJson.Of(Json(memory.Importance)),
        FilterTarget.CreatedAt => Json(memory.CreatedAt),
        FilterTarget.UpdatedAt => Json(memory.UpdatedAt),
        FilterTarget.User => memory.Scope.User is { } user ? Json(user) : null,
        FilterTarget.Agent => memory.Scope.Agent is { } agent ? Json(agent) : null,
        FilterTarget.Session => memory.Scope.Session is { } session ? Json(session) : null,
        _ => throw new ArgumentOutOfRangeException(nameof(field)),
    };

    private static JsonElement Json<T>(T value) => JsonSerializer.SerializeToElement(value);

    /// <summary>A path leads through objects only.</summary>
    private static JsonElement? Follow(JsonElement value, IEnumerable<string> path)
    {
        foreach (var name in path)
        {
            if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(name, out value)) return null;
        }

        return value.ValueKind == JsonValueKind.Null ? null : value;
    }

    private static bool Contains(JsonElement found, FilterValue value) => found.ValueKind switch
    {
        JsonValueKind.Array => found.EnumerateArray().Any(item => AreEqual(item, value)),
        JsonValueKind.String => value is FilterValue.Text part && found.GetString()!.Contains(part.Value, StringComparison.Ordinal),
        _ => false,
    };

    private static bool AreEqual(JsonElement found, FilterValue value) => value is FilterValue.Flag flag
        ? found.ValueKind == (flag.Value ? JsonValueKind.True : JsonValueKind.False)
        : Order(found, value) == 0;

    /// <summary>Null between unlike types.</summary>
    private static int? Order(JsonElement found, FilterValue value) => value switch
    {
        FilterValue.Number number when found.ValueKind == JsonValueKind.Number => Ordering.OfDecimals(found.GetRawText(), number.Canonical),
        FilterValue.Text text when found.ValueKind == JsonValueKind.String => Ordering.OfTexts(found.GetString()!, text.Value),
        FilterValue.Time time when found.ValueKind == JsonValueKind.String => found.GetDateTimeOffset().CompareTo(time.Value),
        _ => null,
    };

    private static bool Holds(FilterOrder wanted, int order) => wanted switch
    {
        FilterOrder.Greater => order > 0,
        FilterOrder.GreaterOrEqual => order >= 0,
        FilterOrder.Less => order < 0,
        FilterOrder.LessOrEqual => order <= 0,
        _ => throw new ArgumentOutOfRangeException(nameof(wanted)),
    };
}
