namespace MemoryAspire.Api.Problems;

/// <summary>
/// A request that is answered with a problem instead of a result. Thrown at the edge; the exception handler
/// writes it.
/// </summary>
internal sealed class Refusal(int status, string detail) : Exception(detail)
{
    public int Status { get; } = status;

    /// <summary>What is wrong, by JSON name.</summary>
    public IReadOnlyDictionary<string, string[]>? Errors { get; init; }

    /// <summary>Further members of the problem.</summary>
    public IReadOnlyDictionary<string, object?> Members { get; init; } = new Dictionary<string, object?>();

    /// <summary>When to try again.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public static Refusal BadRequest(string field, string error) =>
        BadRequest(new Dictionary<string, string[]> { [field] = [error] });

    public static Refusal BadRequest(IReadOnlyDictionary<string, string[]> errors) =>
        new(StatusCodes.Status400BadRequest, string.Join(" ", errors.Select(error => $"{error.Key}: {string.Join(" ", error.Value)}"))) { Errors = errors };

    public static Refusal NotFound() => new(StatusCodes.Status404NotFound, "There is no memory with this id.");

    public static Refusal Unavailable(string detail, string? outcome = null) =>
        new(StatusCodes.Status503ServiceUnavailable, detail)
        {
            RetryAfter = TimeSpan.FromSeconds(1),
            Members = outcome is null ? new Dictionary<string, object?>() : new Dictionary<string, object?> { ["outcome"] = outcome },
        };
}
