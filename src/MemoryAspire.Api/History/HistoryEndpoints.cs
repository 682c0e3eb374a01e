using MemoryAspire.Api.Authentication;

namespace MemoryAspire.Api.History;

/// <summary>What a memory was.</summary>
internal static class HistoryEndpoints
{
    extension(IHostApplicationBuilder builder)
    {
        public void AddHistory() => builder.Services.AddSingleton<PastReads>().AddSingleton<GetPast>();
    }

    extension(IEndpointRouteBuilder app)
    {
        public void MapHistory() => app.MapGet("/v1/memories/{id}/history", GetHistory.HandleAsync)
            .RequireAuthorization(Grants.Read)
            .WithTags("Memories")
            .WithName("getMemoryHistory")
            .Produces<HistoryList>()
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(404).ProducesProblem(503);
    }
}
