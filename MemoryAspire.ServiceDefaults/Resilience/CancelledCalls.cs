using Grpc.Core;
using Polly;

namespace MemoryAspire.ServiceDefaults.Resilience;

/// <summary>
/// gRPC reports a call that its token cut off as CANCELLED. Here, inside the time-out, that becomes the exception which the
/// time-out recognizes as its own doing and which callers expect of a cancellation.
/// </summary>
internal sealed class CancelledCalls : ResilienceStrategy
{
    protected override async ValueTask<Outcome<TResult>> ExecuteCore<TResult, TState>(
        Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state)
    {
        var outcome = await callback(context, state);
        return outcome.Exception is RpcException { StatusCode: StatusCode.Cancelled } cut && context.CancellationToken.IsCancellationRequested
            ? Outcome.FromException<TResult>(new OperationCanceledException(cut.Message, cut, context.CancellationToken))
            : outcome;
    }
}

internal sealed class CancelledCallsOptions : ResilienceStrategyOptions;
