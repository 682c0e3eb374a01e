using MemoryAspire.Api.Authentication;

namespace MemoryAspire.Api.Locks;

/// <summary>Leases for agents that must not act twice.</summary>
internal static class LockEndpoints
{
    extension(IEndpointRouteBuilder app)
    {
        public void MapLocks()
        {
            var locks = app.MapGroup("/v1/locks/{name}").RequireAuthorization(Grants.Write).WithTags("Locks");
            locks.MapPut("", TakeLock.HandleAsync).WithName("takeLock").Accepts<LockBody>("application/json").Produces<HeldLock>().Describe();
            locks.MapDelete("", ReleaseLock.HandleAsync).WithName("releaseLock").Produces(204).Describe();
        }
    }

    private static void Describe(this RouteHandlerBuilder endpoint) => endpoint
        .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(409).ProducesProblem(422).ProducesProblem(503);
}
