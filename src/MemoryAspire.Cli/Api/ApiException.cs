using System.Net;
using System.Text;
using System.Text.Json;

namespace MemoryAspire.Cli.Api;

/// <summary>The service refused (with problem details, as a rule) or did not answer (without a status).</summary>
internal sealed class ApiException(HttpStatusCode? status, string title, JsonElement? problem) : Exception(title)
{
    public HttpStatusCode? Status => status;

    /// <summary>The problem details, as they came.</summary>
    public JsonElement? Problem => problem;

    /// <summary>No other request will fare better.</summary>
    public bool ConcernsEverything => status is null or HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.ServiceUnavailable;

    public static ApiException Of(HttpStatusCode status, string? reason, ReadOnlyMemory<byte> body)
    {
        JsonElement? problem = null;
        try
        {
            var root = JsonElement.Parse(body.Span);
            if (root.ValueKind == JsonValueKind.Object) problem = root;
        }
        catch (JsonException)
        {
            // A proxy in between answers in its own words; the status says enough.
        }

        return new(status, Text(problem, "title") ?? reason ?? "The service refused.", problem);
    }

    /// <summary>For people: the title, the detail and a line for each field at fault that the detail does not speak of.</summary>
    public string Explain()
    {
        var text = new StringBuilder(status is { } code ? $"{(int)code}: {Message}" : Message);
        var detail = Text(problem, "detail") ?? "";
        if (detail.Length > 0 && detail != Message) text.Append('\n').Append(detail);
        foreach (var (field, message) in Errors().Where(error => !detail.Contains(error.Message, StringComparison.Ordinal))) text.Append("\n  ").Append(field).Append(": ").Append(message);
        if (Text(problem, "outcome") is { } outcome) text.Append("\noutcome: ").Append(outcome);
        return text.ToString();
    }

    private IEnumerable<(string Field, string Message)> Errors()
    {
        if (problem is not { } root || !root.TryGetProperty("errors", out var errors) || errors.ValueKind != JsonValueKind.Object) yield break;
        foreach (var field in errors.EnumerateObject())
        {
            var messages = field.Value.ValueKind == JsonValueKind.Array ? [.. field.Value.EnumerateArray()] : new[] { field.Value };
            foreach (var message in messages) yield return (field.Name, message.ToString());
        }
    }

    private static string? Text(JsonElement? problem, string name) =>
        problem is { } root && root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
