using System.Security.Claims;
using MemoryAspire.Api.Authentication;
using MemoryAspire.Api.Consistency;
using MemoryAspire.Api.History;
using MemoryAspire.Api.Problems;
using MemoryAspire.Postgres.Log;
using MemoryAspire.ServiceDefaults.Resilience;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Options;

namespace MemoryAspire.Api.Changes;

/// <summary><c>GET /v1/changes</c></summary>
internal static class ChangesEndpoint
{
    extension(IHostApplicationBuilder builder)
    {
        public void AddChanges()
        {
            builder.Services.AddOptions<FeedOptions>().BindConfiguration(FeedOptions.Section).ValidateDataAnnotations().ValidateOnStart();
            builder.Services.AddSingleton<LogWatch>().AddHostedService(services => services.GetRequiredService<LogWatch>());
            builder.Services.AddSingleton<FeedInstruments>().AddSingleton<FeedReaders>().AddSingleton<Feed>();
        }
    }

    extension(IEndpointRouteBuilder app)
    {
        public void MapChanges() => app.MapGet("/v1/changes", HandleAsync)
            .RequireAuthorization(Grants.Read)
            .WithTags("Changes")
            .WithName("followChanges")
            .Produces<HistoryItem>(200, FeedFormat.Events.ContentType, FeedFormat.Lines.ContentType)
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(503);
    }

    private static async Task HandleAsync(
        HttpContext context,
        ClaimsPrincipal principal,
        FeedReaders readers,
        Feed feed,
        EventLog log,
        StorePipelines pipelines,
        IOptions<FeedOptions> options,
        FeedInstruments instruments,
        IHostApplicationLifetime lifetime,
        TimeProvider time,
        ILogger<Feed> logger)
    {
        var request = FeedRequest.Read(context.Request, Caller.Of(principal).Tenant);
        using var place = readers.Enter();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        var consistency = RequestConsistency.Of(context);
        var cursor = request.Start(await ReadHeadsAsync(log, pipelines, consistency, context.RequestAborted));
        consistency.See(cursor.Token.Positions);
        Describe(context, request.Format);
        try
        {
            await feed.RunAsync(request.Selection, cursor, new FeedWriter(context.Response.BodyWriter, request.Format, options.Value, time), end.Token);
        }
        catch (OperationCanceledException)
        {
            // The reader has gone, or this process goes: the last id resumes.
        }
        catch (SlowReaderException)
        {
            logger.ReaderCutOff(options.Value.FlushTimeout);
            instruments.CutOff();
            context.Abort();
        }
        finally
        {
            // What the feed still waited for ends with it.
            await end.CancelAsync();
        }
    }

    private static async Task<LogHeads> ReadHeadsAsync(
        EventLog log, StorePipelines pipelines, RequestConsistency consistency, CancellationToken cancellationToken)
    {
        try
        {
            return await pipelines.PostgresRead.ExecuteAsync(async token => await log.ReadHeadsAsync(token), cancellationToken);
        }
        catch (Exception exception) when (StoreFailures.IsPostgresAway(exception))
        {
            consistency.PassOver("postgres");
            throw Refusal.Unavailable("PostgreSQL cannot be reached, and only its log has the changes.");
        }
    }

    private static void Describe(HttpContext context, FeedFormat format)
    {
        context.Response.ContentType = format.ContentType;
        context.Response.Headers.CacheControl = "no-store";

        // Proxies that gather answers would hold events back.
        context.Response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();

        // The feed has a bound of its own for readers that are slow.
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate) rate.MinDataRate = null;
    }
}
