using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace MemoryAspire.Api.Authentication;

/// <summary>The configured key, hashed once, and who holds it.</summary>
internal sealed class FirstKey(IOptions<ApiKeyOptions> options)
{
    private readonly byte[] _hash = Hash(options.Value.Key);

    /// <summary>The same for every request: nobody changes it.</summary>
    public ClaimsPrincipal Holder { get; } = new(new ClaimsIdentity(
        [
            new Claim(ClaimTypes.NameIdentifier, "key:first"),
            new Claim(Caller.TenantClaim, "default"),
            .. Grants.All.Select(grant => new Claim(Caller.GrantClaim, grant)),
        ],
        ApiKeyAuthenticationHandler.SchemeName));

    // Hashes have one length, so comparing them says nothing about the key's.
    public bool Matches(string given) => CryptographicOperations.FixedTimeEquals(Hash(given), _hash);

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
