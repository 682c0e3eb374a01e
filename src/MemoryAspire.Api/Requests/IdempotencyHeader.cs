using System.Security.Cryptography;
using System.Text;
using MemoryAspire.Api.Problems;
using MemoryAspire.Postgres.Writes;

namespace MemoryAspire.Api.Requests;

/// <summary>The header <c>Idempotency-Key</c>.</summary>
internal static class IdempotencyHeader
{
    public const string Replayed = "Idempotency-Replayed";

    private const string Name = "Idempotency-Key";

    private const int LengthMax = 255;

    /// <summary>The key with the hash of everything that makes the request what it is; null without a key.</summary>
    public static IdempotencyKey? Read(HttpRequest request, ReadOnlySpan<byte> body)
    {
        if (!request.Headers.TryGetValue(Name, out var values)) return null;
        var text = values.ToString();
        if (text.Length is 0 or > LengthMax || text.Any(character => character is < ' ' or > '~'))
        {
            throw Refusal.BadRequest(Name, $"must be 1 to {LengthMax} printable ASCII characters.");
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{request.Method}\n{request.Path}\n{request.QueryString}\n{request.Headers.IfMatch}\n"));
        hash.AppendData(body);
        return new IdempotencyKey(text, hash.GetHashAndReset());
    }

    public static Refusal Reused() =>
        new(StatusCodes.Status422UnprocessableEntity, "This Idempotency-Key was used for another request: use a new one.");

    public static Refusal InFlight() =>
        new(StatusCodes.Status409Conflict, "The first request with this Idempotency-Key is still under way: try again.") { RetryAfter = TimeSpan.FromSeconds(1) };
}
