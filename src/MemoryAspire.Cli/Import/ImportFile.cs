using System.Text.Json;

namespace MemoryAspire.Cli.Import;

/// <summary>Opens a file in the format it is in.</summary>
internal static class ImportFile
{
    public static async Task<ImportSource> OpenAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await IsLocomoAsync(path, cancellationToken)
                ? await Locomo.OpenAsync(path, cancellationToken)
                : await Ndjson.OpenAsync(path, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{path} cannot be read: {exception.Message}");
        }
    }

    /// <summary>An array, or an object that is a conversation or goes over several lines, is LoCoMo; a line that holds a whole memory is NDJSON.</summary>
    private static async Task<bool> IsLocomoAsync(string path, CancellationToken cancellationToken)
    {
        if (Path.GetExtension(path) is ".ndjson" or ".jsonl") return false;
        await foreach (var line in File.ReadLinesAsync(path, cancellationToken))
        {
            if (string.IsNullOrWhiteSpace(line)) continue;
            if (line.TrimStart()[0] != '{') return line.TrimStart()[0] == '[';
            try
            {
                using var document = JsonDocument.Parse(line);
                return document.RootElement.TryGetProperty("conversation", out _);
            }
            catch (JsonException)
            {
                return Path.GetExtension(path) == ".json";
            }
        }

        return false;
    }
}
