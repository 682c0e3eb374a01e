using System.Globalization;
using System.Text.Json;

namespace MemoryAspire.Cli.Output;

/// <summary>A memory for people.</summary>
internal static class MemoryText
{
    /// <summary>The content, then one line for each of the other fields.</summary>
    public static IEnumerable<string> Whole(JsonElement memory)
    {
        yield return Text(memory, "content");
        foreach (var field in memory.EnumerateObject().Where(field => field.Name != "content" && field.Value.ValueKind != JsonValueKind.Null))
        {
            yield return $"  {field.Name}: {(field.Value.ValueKind == JsonValueKind.Object ? Flat(field.Value) : field.Value.ToString())}";
        }
    }

    /// <summary>The score, the content on one line, and below it whose memory it is.</summary>
    public static IEnumerable<string> Hit(JsonElement result)
    {
        var memory = result.GetProperty("memory");
        var score = result.TryGetProperty("score", out var value) && value.TryGetDouble(out var number) ? number : 0;
        yield return $"{score.ToString("F3", CultureInfo.InvariantCulture)}  {Text(memory, "content").ReplaceLineEndings(" ")}";
        var scope = memory.TryGetProperty("scope", out var parts) ? Flat(parts) : "";
        yield return $"       {Text(memory, "id")}{(scope.Length > 0 ? $"  {scope}" : "")}";
    }

    public static string Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.ToString() : "";

    private static string Flat(JsonElement element) => element.ValueKind != JsonValueKind.Object
        ? ""
        : string.Join("  ", element.EnumerateObject().Where(field => field.Value.ValueKind != JsonValueKind.Null).Select(field => $"{field.Name}={field.Value}"));
}
