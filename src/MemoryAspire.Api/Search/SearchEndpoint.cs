using System.Security.Claims;
using MemoryAspire.Api.Authentication;
using MemoryAspire.Api.Consistency;
using MemoryAspire.Api.Database;
using MemoryAspire.Api.Problems;
using MemoryAspire.Api.Requests;
using MemoryAspire.Postgres.Searching;
using Microsoft.Extensions.Options;

namespace MemoryAspire.Api.Search;

/// <summary><c>POST /v1/memories/search</c></summary>
internal static class SearchEndpoint
{
    extension(IHostApplicationBuilder builder)
    {
        public void AddSearch()
        {
            builder.Services.AddOptions<SearchOptions>().BindConfiguration(SearchOptions.Section).ValidateDataAnnotations().ValidateOnStart();
            builder.Services.AddSingleton(services => new SearchLanguage(services.GetRequiredService<IOptions<SearchOptions>>().Value.Language));
            builder.Services.AddSingleton<IndexSearch>().AddSingleton<HitReads>().AddSingleton<RowSearch>().AddSingleton<WideScopes>();
            builder.Services.AddSingleton<ScopeSearch>().AddSingleton<WideSearch>().AddSingleton<SemanticSearch>().AddSingleton<MemorySearch>();
            builder.Services.AddSingleton<ContentLanguage>().AddHostedService<LanguageKeeper>();
        }
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
        HttpContext context, ClaimsPrincipal principal, DatabaseWatch watch, MemorySearch search, CancellationToken cancellationToken)
    {
        var explain = Explains(context.Request);
        var fields = await RequestBody.ReadAsync(context.Request, cancellationToken);
        var request = SearchRequest.Read(fields, watch.Current.Generation.Dimension) with { Explain = explain };
        fields.ThrowIfWrong();
        var page = await search.FindAsync(Caller.Of(principal).Tenant, request, RequestConsistency.Of(context), cancellationToken);
        return TypedResults.Json(new SearchResults(page.Results, page.Mode.ToText(), page.Next?.ToString()));
    }

    private static bool Explains(HttpRequest request)
    {
        if (!request.Query.TryGetValue("explain", out var values)) return false;
        return bool.TryParse(values.ToString(), out var explain) ? explain : throw Refusal.BadRequest("explain", "must be true or false.");
    }
}
