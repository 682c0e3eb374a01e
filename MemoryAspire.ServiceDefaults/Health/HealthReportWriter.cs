using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MemoryAspire.ServiceDefaults.Health;

/// <summary>
/// <c>{ "status", "entries": { "name": { "status", "description", "data", "durationMilliseconds" } } }</c>. What exceptions say
/// stays in the log: it may name hosts and users, and this is read without a key.
/// </summary>
internal static class HealthReportWriter
{
    public static async Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("status", report.Status.ToString());
        json.WriteStartObject("entries");
        foreach (var (name, entry) in report.Entries) WriteEntry(json, name, entry);
        json.WriteEndObject();
        json.WriteEndObject();
        await json.FlushAsync(context.RequestAborted);
    }

    private static void WriteEntry(Utf8JsonWriter json, string name, HealthReportEntry entry)
    {
        json.WriteStartObject(name);
        json.WriteString("status", entry.Status.ToString());
        json.WriteString("description", Description(entry));
        json.WriteStartObject("data");
        foreach (var (key, value) in entry.Data)
        {
            json.WritePropertyName(key);
            JsonSerializer.Serialize(json, value, JsonSerializerOptions.Web);
        }
        json.WriteEndObject();
        json.WriteNumber("durationMilliseconds", Math.Round(entry.Duration.TotalMilliseconds, 3));
        json.WriteEndObject();
    }

    /// <summary>The check's own words; where it only passed on those of an exception, the exception's type.</summary>
    private static string? Description(HealthReportEntry entry) =>
        entry.Exception is { } exception && exception.Message == entry.Description ? exception.GetType().Name : entry.Description;
}
