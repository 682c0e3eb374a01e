using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;

namespace MemoryAspire.Api.Authentication;

/// <summary>Registers authentication: everything but liveness and health needs a key.</summary>
internal static class ApiKeys
{
    extension(IHostApplicationBuilder builder)
    {
        public void AddApiKeys()
        {
            builder.Services.AddOptions<ApiKeyOptions>().BindConfiguration(ApiKeyOptions.Section).ValidateDataAnnotations().ValidateOnStart();
            builder.Services.AddSingleton<FirstKey>();
            builder.Services
                .AddAuthentication(ApiKeyAuthenticationHandler.SchemeName)
                .AddScheme<AuthenticationSchemeOptions, ApiKeyAuthenticationHandler>(ApiKeyAuthenticationHandler.SchemeName, null);
            builder.Services.AddAuthorizationBuilder()
                .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build())
                .AddPolicy(Grants.Read, policy => policy.RequireClaim(Caller.GrantClaim, Grants.Read))
                .AddPolicy(Grants.Write, policy => policy.RequireClaim(Caller.GrantClaim, Grants.Write))
                .AddPolicy(Grants.Admin, policy => policy.RequireClaim(Caller.GrantClaim, Grants.Admin));
        }
    }
}
