namespace MemoryAspire.Cli.Api;

/// <summary>Where the service is, and with which key to come.</summary>
internal sealed record Connection(Uri Url, string Key)
{
    /// <summary>What was said on the command line, else the environment, else what <c>run.sh</c> leaves behind.</summary>
    /// <exception cref="UsageException">Something is missing or malformed; the message says what to do.</exception>
    public static Connection Find(string? url, string? key, Surroundings surroundings)
    {
        url ??= NotEmpty(surroundings.Variable("MEMORY_URL"))
            ?? $"http://127.0.0.1:{NotEmpty(surroundings.Variable("MEMORY_API_PORT")) ?? "5180"}";
        if (!Uri.TryCreate(url.TrimEnd('/') + "/", UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            throw new UsageException($"This is not an http or https URL: {url}");
        }

        key ??= NotEmpty(surroundings.Variable("MEMORY_API_KEY")) ?? ReadKey(surroundings);
        if (key.Any(character => character is <= ' ' or > '~')) throw new UsageException("The key must consist of printable ASCII characters without spaces.");
        return new(address, key);
    }

    private static string ReadKey(Surroundings surroundings)
    {
        var directory = Path.Combine(surroundings.Directory, NotEmpty(surroundings.Variable("MEMORY_DATA_DIR")) ?? ".data");
        var file = Path.Combine(directory, "api-key");
        try
        {
            return NotEmpty(File.ReadAllText(file).Trim()) ?? throw new UsageException($"{file} is empty.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"No key: give --key or MEMORY_API_KEY, or the data directory in MEMORY_DATA_DIR ({exception.Message})");
        }
    }

    private static string? NotEmpty(string? value) => string.IsNullOrWhiteSpace(value) ? null : value;
}
