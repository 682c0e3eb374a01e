using System.Security.Claims;
using MemoryAspire.Api.Authentication;
using MemoryAspire.Coordination.Erasure;

namespace MemoryAspire.Api.Erasure;

/// <summary>Receipts of erasures; the demand itself is a <c>DELETE</c> of memories.</summary>
internal static class ErasureEndpoints
{
    extension(IHostApplicationBuilder builder)
    {
        public void AddErasing()
        {
            builder.Services.AddOptions<ErasureOptions>().BindConfiguration(ErasureOptions.Section).ValidateDataAnnotations().ValidateOnStart();
            builder.AddErasure();
            builder.Services.AddSingleton<EraseMemories>();
        }
    }

    extension(IEndpointRouteBuilder app)
    {
        public void MapErasures() => app.MapGet("/v1/erasures/{id:guid}", HandleAsync)
            .RequireAuthorization(Grants.Read)
            .WithTags("Memories")
            .WithName("getErasure")
            .Produces<ErasureReceipt>()
            .ProducesProblem(401).ProducesProblem(403).ProducesProblem(404).ProducesProblem(503);
    }

    private static Task<IResult> HandleAsync(Guid id, ClaimsPrincipal principal, EraseMemories erasing, CancellationToken cancellationToken) =>
        erasing.FindAsync(Caller.Of(principal).Tenant, id, cancellationToken);
}
