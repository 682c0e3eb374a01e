using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MemoryAspire.Api.Authentication;
using MemoryAspire.Api.Consistency;
using MemoryAspire.Api.Database;
using MemoryAspire.Api.History;
using MemoryAspire.Api.Memories;
using MemoryAspire.Api.Problems;
using MemoryAspire.Api.Requests;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Coordination;
using MemoryAspire.Coordination.Erasure;
using MemoryAspire.Postgres.Erasure;
using MemoryAspire.Postgres.Writes;
using MemoryAspire.ServiceDefaults.Resilience;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace MemoryAspire.Api.Erasure;

/// <summary>
/// <c>DELETE …?erase=true</c>. The demand is put on record first; from then on it is carried out, by this request as far as its
/// patience goes and by the reconciler's leader from there.
/// </summary>
internal sealed class EraseMemories(
    Erasures erasures, ErasureRun run, PastReads past, LongWork work, StorePipelines pipelines, DatabaseWatch watch, IOptions<ErasureOptions> options, TimeProvider time)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    /// <summary>Whether a deletion is to leave nothing behind.</summary>
    public static bool IsAsked(HttpRequest request) => request.Query.TryGetValue("erase", out var values) && values.ToString() switch
    {
        "true" => true,
        "false" => false,
        _ => throw Refusal.BadRequest("erase", "must be true or false."),
    };

    public async Task<IResult> EraseAsync(HttpContext context, Caller caller, MemoryId id, CancellationToken cancellationToken)
    {
        // One that was deleted before still has a past to be erased.
        Check(context.Request);
        await past.ReadPresenceAsync(caller.Tenant, id, RequestConsistency.Of(context), cancellationToken);
        return await EraseAsync(context, caller, new ErasureTarget(id, Scope.None, null), cancellationToken);
    }

    public Task<IResult> EraseAsync(HttpContext context, Caller caller, Scope scope, MemoryKind? kind, CancellationToken cancellationToken)
    {
        Check(context.Request);
        return EraseAsync(context, caller, new ErasureTarget(null, scope, kind), cancellationToken);
    }

    public async Task<IResult> FindAsync(string tenant, Guid id, CancellationToken cancellationToken)
    {
        var erasure = await pipelines.PostgresRead.ExecuteAsync(async token => await erasures.FindAsync(tenant, id, token), cancellationToken);
        return erasure is null
            ? throw new Refusal(StatusCodes.Status404NotFound, "There is no erasure with this id.")
            : TypedResults.Json(ErasureReceipt.Of(erasure));
    }

    private async Task<IResult> EraseAsync(HttpContext context, Caller caller, ErasureTarget target, CancellationToken cancellationToken)
    {
        var key = IdempotencyHeader.Read(context.Request, []);
        var begun = await pipelines.PostgresWrite.ExecuteAsync(async token => await work.BeginAsync(caller.Tenant, key, token), cancellationToken);
        switch (begun)
        {
            case WorkState.KeyReused: throw IdempotencyHeader.Reused();
            case WorkState.KeyInFlight: throw IdempotencyHeader.InFlight();
            case WorkState.Done:
                context.Response.Headers[IdempotencyHeader.Replayed] = "true";
                break;
        }

        // A request that is repeated goes on with its own erasure.
        var at = (begun as WorkState.Begun)?.At ?? ((WorkState.Done)begun).Answer.GetDateTimeOffset();
        var id = key is null ? Guid.CreateVersion7(time.GetUtcNow()) : IdOf(caller.Tenant, key, at);
        var erasure = await pipelines.PostgresWrite.ExecuteAsync(
            async token => await erasures.BeginAsync(id, caller.Tenant, caller.Actor, target, token), cancellationToken);
        try
        {
            erasure = await AdvanceAsync(context, erasure, cancellationToken);
            if (begun is WorkState.Begun)
            {
                await pipelines.PostgresWrite.ExecuteAsync(
                    async token => await work.FinishAsync(caller.Tenant, key, JsonSerializer.SerializeToElement(at), token), cancellationToken);
            }
        }
        catch (Exception exception) when (StoreFailures.IsPostgresAway(exception) || exception is UnknownOutcomeException or ErasureRefusedException)
        {
            throw Refusal.Unavailable($"Erasure {id} is on record and will be carried out, but is not done: repeat the request, or read /v1/erasures/{id}.", "unknown");
        }

        return Answer(context, erasure);
    }

    private async Task<ErasureRecord> AdvanceAsync(HttpContext context, ErasureRecord erasure, CancellationToken cancellationToken)
    {
        var seen = RequestConsistency.Of(context);
        void See(IEnumerable<KeyValuePair<Partition, Position>> written)
        {
            foreach (var (partition, position) in written)
            {
                watch.Note(partition, position);
                seen.See(partition, position);
            }
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var timer = time.CreateTimer(_ => patience.Cancel(), null, options.Value.Patience, Timeout.InfiniteTimeSpan);
        try
        {
            while (true)
            {
                if (await run.AdvanceAsync(erasure, See, patience.Token) is { } advanced) erasure = advanced;
                if (erasure.FinishedAt is not null) return erasure;
                await Task.Delay(Poll, time, patience.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return await erasures.FindAsync(erasure.Tenant, erasure.Id, cancellationToken) ?? erasure;
        }
    }

    private static JsonHttpResult<ErasureReceipt> Answer(HttpContext context, ErasureRecord erasure)
    {
        context.Response.Headers[Tiers.Header] = new TierStates(erasure.RedisAt is not null, erasure.IndexAt is not null).ToString();
        context.Response.Headers.Location = $"/v1/erasures/{erasure.Id}";
        return TypedResults.Json(
            ErasureReceipt.Of(erasure), statusCode: erasure.FinishedAt is null ? StatusCodes.Status202Accepted : StatusCodes.Status200OK);
    }

    private static void Check(HttpRequest request)
    {
        if (request.Query.ContainsKey("filter")) throw Refusal.BadRequest("filter", "cannot be combined with erase: what was deleted before has nothing to be filtered by.");
        if (RequireField.RequireAll(request)) throw Refusal.BadRequest("require", "cannot be all together with erase: the receipt says what is pending, and it is done later.");
        if (IfMatchHeader.Read(request) is not null) throw Refusal.BadRequest("If-Match", "cannot be combined with erase: every version goes.");
    }

    private static Guid IdOf(string tenant, IdempotencyKey key, DateTimeOffset at) => new(
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{tenant}\0{key.Text}\0{at.UtcTicks}"))).AsSpan(0, 16), bigEndian: true);
}
