using System.Security.Claims;
using MemoryAspire.Api.Authentication;
using MemoryAspire.Api.Consistency;
using MemoryAspire.Api.Database;
using MemoryAspire.Api.Embedding;
using MemoryAspire.Api.Requests;

namespace MemoryAspire.Api.Search;

/// <summary><c>POST /v1/memories/search</c></summary>
internal static class SearchEndpoint
{
    extension(IHostApplicationBuilder builder)
    {
        public void AddSearch() => builder.Services.AddSingleton<SemanticSearch>().AddSingleton<IndexSearch>().AddSingleton<ExactSearch>().AddSingleton<HitReads>();
    }

    extension(IEndpointRouteBuilder app)
    {
        public void MapSearch() => app.MapPost("/v1/memories/search", HandleAsync)
            .RequireAuthorization(Grants.Read)
            .WithTags("Search")
            .WithName("searchMemories")
            .Accepts<SearchBody>("application/json")
            .Produces<SearchResults>()
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(503);
    }

    private static async Task<IResult> HandleAsync(
        HttpContext context, ClaimsPrincipal principal, DatabaseWatch watch, TextEmbedder embedder, SemanticSearch search, CancellationToken cancellationToken)
    {
        var fields = await RequestBody.ReadAsync(context.Request, cancellationToken);
        var request = SearchRequest.Read(fields, watch.Current.Generation.Dimension);
        fields.ThrowIfWrong();
        var vector = request.Embedding ?? await embedder.EmbedAsync(request.Query ?? "", cancellationToken);
        var found = vector.IsEmpty
            ? []
            : await search.FindAsync(Caller.Of(principal).Tenant, request, vector, RequestConsistency.Of(context), cancellationToken);
        return TypedResults.Json(new SearchResults(found, "semantic"));
    }
}
