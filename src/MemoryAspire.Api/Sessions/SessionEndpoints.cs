using MemoryAspire.Api.Authentication;

namespace MemoryAspire.Api.Sessions;

/// <summary>Working memory: an agent's running conversation and scratchpad.</summary>
internal static class SessionEndpoints
{
    extension(IHostApplicationBuilder builder)
    {
        public void AddSessions()
        {
            builder.Services.AddOptions<SessionOptions>().BindConfiguration(SessionOptions.Section).ValidateDataAnnotations().ValidateOnStart();
            builder.Services.AddSingleton<SessionCalls>().AddSingleton<SessionPromotion>().AddSingleton<PromoteMessages>().AddSingleton<SessionInstruments>();
            builder.Services.AddHostedService<SessionSweep>();
        }
    }

    extension(IEndpointRouteBuilder app)
    {
        public void MapSessions()
        {
            var sessions = app.MapGroup("/v1/sessions/{session}").WithTags("Sessions");
            sessions.MapPut("", PutSession.HandleAsync).RequireAuthorization(Grants.Write).WithName("putSession")
                .Accepts<SessionBody>("application/json").Produces<SessionState>().Produces<SessionState>(201).Produces(204).ProducesProblem(412).Describe();
            sessions.MapGet("", GetSession.HandleAsync).RequireAuthorization(Grants.Read).WithName("getSession")
                .Produces<SessionState>().ProducesProblem(404).Describe();
            sessions.MapDelete("", DeleteSession.HandleAsync).RequireAuthorization(Grants.Write).WithName("deleteSession")
                .Produces(204).ProducesProblem(404).ProducesProblem(412).Describe();
            sessions.MapPost("/messages", AppendMessages.HandleAsync).RequireAuthorization(Grants.Write).WithName("appendMessages")
                .Accepts<AppendBody>("application/json").Produces<SessionState>().Produces(204).ProducesProblem(404).ProducesProblem(412).Describe();
            sessions.MapPost("/promote", PromoteMessages.HandleAsync).RequireAuthorization(Grants.Write).WithName("promoteMessages")
                .Accepts<PromoteBody>("application/json").Produces<PromotionAnswer>()
                .ProducesProblem(404).ProducesProblem(409).ProducesProblem(412).ProducesProblem(422).Describe();
        }
    }

    private static void Describe(this RouteHandlerBuilder endpoint) =>
        endpoint.ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(503);
}
