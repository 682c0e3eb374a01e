using System.Text.Json;
using System.Text.Json.Serialization;

namespace MemoryAspire.AppHost.Stacks;

/// <summary>The state of a running stack, for whoever is not its host: <c>stack.json</c> in the data directory. Holds no secrets.</summary>
internal sealed record StackFile(int Pid, string DataDirectory, IReadOnlyList<ResourceEntry> Resources)
{
    public static string PathIn(string directory) => Path.Combine(directory, "stack.json");

    public static StackFile? Read(string directory) =>
        File.Exists(PathIn(directory)) ? JsonSerializer.Deserialize(File.ReadAllText(PathIn(directory)), StackJson.Default.StackFile) : null;

    public void Write() => AtomicFile.Write(PathIn(DataDirectory), JsonSerializer.Serialize(this, StackJson.Default.StackFile));
}

internal sealed record ResourceEntry(string Name, string Kind, int? Pid, string State, string? Health, IReadOnlyList<string> Endpoints);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(StackFile))]
[JsonSerializable(typeof(IReadOnlyList<ResourceEntry>))]
internal sealed partial class StackJson : JsonSerializerContext;
