using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using MemoryAspire.Filters;

namespace MemoryAspire.Postgres.Memories;

/// <summary>
/// A filter as a condition on a row that has the columns of a memory's state. No part of it is ever null, so that <c>not</c> means
/// the same as in memory; equality within the metadata is containment, which the index on them serves.
/// </summary>
internal static class FilterSql
{
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="row">The row's alias.</param>
    public static string Write(Filter filter, string row, SqlParameters parameters) => filter switch
    {
        Filter.All all => $"({string.Join(" and ", all.Items.Select(item => Write(item, row, parameters)))})",
        Filter.Any any => $"({string.Join(" or ", any.Items.Select(item => Write(item, row, parameters)))})",
        Filter.Not not => $"(not {Write(not.Item, row, parameters)})",
        Filter.Condition condition => Write(condition, row, parameters),
        _ => throw new ArgumentOutOfRangeException(nameof(filter)),
    };

    private static string Write(Filter.Condition condition, string row, SqlParameters parameters) => condition.Field.Target switch
    {
        FilterTarget.Metadata => WriteMetadata(condition, $"{row}.metadata", parameters),
        FilterTarget.Kind => WriteText($"{row}.kind", condition.Test, parameters),
        FilterTarget.User => WriteText($"{row}.\"user\"", condition.Test, parameters),
        FilterTarget.Agent => WriteText($"{row}.agent", condition.Test, parameters),
        FilterTarget.Session => WriteText($"{row}.session", condition.Test, parameters),

        // The shortest decimal that means the number, as JSON shows it.
        FilterTarget.Importance => WriteValue($"{row}.importance::text::numeric", condition.Test, value => $"{parameters.Text(Decimal(value))}::numeric"),
        FilterTarget.CreatedAt => WriteValue($"{row}.created_at", condition.Test, value => parameters.Time(Time(value))),
        FilterTarget.UpdatedAt => WriteValue($"{row}.updated_at", condition.Test, value => parameters.Time(Time(value))),
        _ => throw new ArgumentOutOfRangeException(nameof(condition)),
    };

    private static string WriteMetadata(Filter.Condition condition, string column, SqlParameters parameters)
    {
        var path = condition.Field.Path;
        switch (condition.Test)
        {
            case FilterTest.OneOf { Values: [var only] }:
                return $"({column} @> {parameters.Json(Nested(path, only, false))})";
            case FilterTest.OneOf one:
                return $"({column} @> any ({parameters.Jsons([.. one.Values.Select(value => Nested(path, value, false))])}))";
            case FilterTest.Contains { Value: FilterValue.Text text }:
                var element = $"{column} @> {parameters.Json(Nested(path, text, true))}";
                return $"({element} or coalesce({IsOf("string", Found(), $"strpos({Found()} #>> '{{}}', {parameters.Text(text.Value)}) > 0")}, false))";
            case FilterTest.Contains contains:
                return $"({column} @> {parameters.Json(Nested(path, contains.Value, true))})";
            case FilterTest.Exists exists:
                return $"(coalesce(jsonb_typeof({Found()}), 'null') {(exists.Wanted ? "<>" : "=")} 'null')";
            case FilterTest.Compare { Value: FilterValue.Text text } compare:
                return $"coalesce({IsOf("string", Found(), $"({Found()} #>> '{{}}') collate \"C\" {Sign(compare.Order)} {parameters.Text(text.Value)}")}, false)";
            case FilterTest.Compare compare:
                return $"coalesce({IsOf("number", Found(), $"{Found()} {Sign(compare.Order)} {parameters.Json(Decimal(compare.Value))}")}, false)";
            default:
                throw new ArgumentOutOfRangeException(nameof(condition));
        }

        // A name given as text leads into objects only, never to an element of an array.
        string Found() => $"({path.Aggregate(column, (value, name) => $"{value} -> {parameters.Text(name)}")})";
    }

    private static string IsOf(string type, string found, string test) => $"(jsonb_typeof({found}) = '{type}' and {test})";

    private static string WriteText(string column, FilterTest test, SqlParameters parameters) => test switch
    {
        FilterTest.Exists exists => $"({column} is {(exists.Wanted ? "not " : "")}null)",
        FilterTest.OneOf { Values: [FilterValue.Text only] } => $"({column} is not null and {column} = {parameters.Text(only.Value)})",
        FilterTest.OneOf one => $"({column} is not null and {column} = any ({parameters.Texts([.. one.Values.Select(Text)])}))",
        FilterTest.Compare compare => $"({column} is not null and {column} collate \"C\" {Sign(compare.Order)} {parameters.Text(Text(compare.Value))})",
        FilterTest.Contains contains => $"({column} is not null and strpos({column}, {parameters.Text(Text(contains.Value))}) > 0)",
        _ => throw new ArgumentOutOfRangeException(nameof(test)),
    };

    /// <summary>A column that is never null.</summary>
    private static string WriteValue(string column, FilterTest test, Func<FilterValue, string> parameter) => test switch
    {
        FilterTest.Exists exists => exists.Wanted ? "true" : "false",
        FilterTest.OneOf one => $"({column} in ({string.Join(", ", one.Values.Select(parameter))}))",
        FilterTest.Compare compare => $"({column} {Sign(compare.Order)} {parameter(compare.Value)})",
        _ => throw new ArgumentOutOfRangeException(nameof(test)),
    };

    private static string Sign(FilterOrder order) => order switch
    {
        FilterOrder.Greater => ">",
        FilterOrder.GreaterOrEqual => ">=",
        FilterOrder.Less => "<",
        FilterOrder.LessOrEqual => "<=",
        _ => throw new ArgumentOutOfRangeException(nameof(order)),
    };

    private static string Text(FilterValue value) => ((FilterValue.Text)value).Value;

    private static string Decimal(FilterValue value) => ((FilterValue.Number)value).Canonical;

    private static DateTimeOffset Time(FilterValue value) => ((FilterValue.Time)value).Value;

    /// <summary>Metadata that have nothing but this value at a path, or an array of it.</summary>
    private static string Nested(ImmutableArray<string> path, FilterValue value, bool inArray)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, Relaxed);
        foreach (var name in path)
        {
            writer.WriteStartObject();
            writer.WritePropertyName(name);
        }

        if (inArray) writer.WriteStartArray();
        switch (value)
        {
            case FilterValue.Text text: writer.WriteStringValue(text.Value); break;
            case FilterValue.Number number: writer.WriteRawValue(number.Canonical); break;
            case FilterValue.Flag flag: writer.WriteBooleanValue(flag.Value); break;
            default: throw new ArgumentOutOfRangeException(nameof(value));
        }

        if (inArray) writer.WriteEndArray();
        foreach (var _ in path) writer.WriteEndObject();
        writer.Flush();
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
