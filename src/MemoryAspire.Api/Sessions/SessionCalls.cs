using MemoryAspire.Api.Consistency;
using MemoryAspire.Api.Problems;
using MemoryAspire.Coordination.Participants;
using MemoryAspire.Redis.Sessions;
using MemoryAspire.ServiceDefaults.Resilience;
using Polly.CircuitBreaker;

namespace MemoryAspire.Api.Sessions;

/// <summary>Calls the sessions' store, and says what its outcomes mean to a client.</summary>
internal sealed class SessionCalls(SessionStore store, StorePipelines pipelines, ILogger<SessionCalls> logger)
{
    /// <exception cref="Refusal">404, 412, 400; or 503 while Redis is away.</exception>
    public async Task<SessionOutcome.Done> CallAsync(HttpContext context, Func<SessionStore, Task<SessionOutcome>> call, CancellationToken cancellationToken)
    {
        try
        {
            var outcome = await pipelines.Redis.ExecuteAsync(async token => await call(store).WaitAsync(token), cancellationToken);
            return outcome switch
            {
                SessionOutcome.Done done => done,
                SessionOutcome.Absent => throw new Refusal(StatusCodes.Status404NotFound, "There is no session of this name, or it has expired."),
                SessionOutcome.Conflict conflict => throw new Refusal(StatusCodes.Status412PreconditionFailed, $"The session has version {conflict.Version}."),
                SessionOutcome.TooLarge => throw Refusal.BadRequest("messages", "are too large for a session, with its state."),
                _ => throw new InvalidOperationException($"Unhandled outcome {outcome}."),
            };
        }
        catch (Exception exception) when (RedisParticipant.CannotServe(exception))
        {
            logger.SessionsAway(exception.Message);
            RequestConsistency.Of(context).PassOver("redis");
            throw Refusal.Unavailable("Redis cannot be reached, and sessions are nowhere else.", OutcomeOf(context, exception));
        }
    }

    /// <summary>What was sent may have been done, although its answer did not come.</summary>
    private static string? OutcomeOf(HttpContext context, Exception exception) =>
        HttpMethods.IsGet(context.Request.Method) ? null : exception is BrokenCircuitException ? "notStored" : "unknown";
}
