using System.Security.Claims;

namespace MemoryAspire.Api.Authentication;

/// <summary>Who calls: the tenant, which comes from the credential alone, and the key's id for the log.</summary>
internal readonly record struct Caller(string Tenant, string Actor)
{
    public const string TenantClaim = "tenant";

    public const string GrantClaim = "grant";

    public static Caller Of(ClaimsPrincipal principal) => new(
        principal.FindFirstValue(TenantClaim) ?? throw new InvalidOperationException("An authenticated caller has no tenant."),
        principal.FindFirstValue(ClaimTypes.NameIdentifier) ?? throw new InvalidOperationException("An authenticated caller has no id."));
}

/// <summary>What a key may do.</summary>
internal static class Grants
{
    public const string Read = "read";

    public const string Write = "write";

    public const string Admin = "admin";

    public static IReadOnlyList<string> All { get; } = [Read, Write, Admin];
}
