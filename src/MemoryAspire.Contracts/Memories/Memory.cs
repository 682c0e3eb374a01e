using System.Text.Json;
using System.Text.Json.Serialization;
using MemoryAspire.Contracts.Identity;

namespace MemoryAspire.Contracts.Memories;

/// <summary>Whose memory this is. Immutable after creation; an absent part is null.</summary>
public sealed record Scope(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? User = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Agent = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Session = null)
{
    public static Scope None { get; } = new();
}

/// <summary>What sort of knowledge a memory is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MemoryKind>))]
public enum MemoryKind
{
    /// <summary>Something that happened.</summary>
    [JsonStringEnumMemberName("episodic")]
    Episodic = 0,

    /// <summary>A fact.</summary>
    [JsonStringEnumMemberName("semantic")]
    Semantic = 1,

    /// <summary>How something is done.</summary>
    [JsonStringEnumMemberName("procedural")]
    Procedural = 2,
}

/// <summary>One memory, as the API gives it.</summary>
/// <param name="Content">1..32768 UTF-16 units.</param>
/// <param name="Metadata">A JSON object in canonical form, see <see cref="CanonicalJson"/>.</param>
/// <param name="Importance">0..1.</param>
/// <param name="Version">1, 2, 3, …: the ETag.</param>
/// <param name="CreatedAt">UTC, to the microsecond.</param>
/// <param name="ExpiresAt">From then on the memory is absent everywhere; null: never.</param>
public sealed record Memory(
    [property: JsonConverter(typeof(MemoryIdJsonConverter))] MemoryId Id,
    string Content,
    MemoryKind Kind,
    Scope Scope,
    JsonElement Metadata,
    double Importance,
    long Version,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    DateTimeOffset? ExpiresAt)
{
    /// <summary>The vector, given only on request.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<float>? Embedding { get; init; }
}

internal sealed class MemoryIdJsonConverter : JsonConverter<MemoryId>
{
    public override MemoryId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        MemoryId.TryParse(reader.GetString(), out var id) ? id : throw new JsonException("This is not the id of a memory.");

    public override void Write(Utf8JsonWriter writer, MemoryId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
}
