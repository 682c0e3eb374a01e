using Grpc.Core;

namespace MemoryAspire.IndexService.Protocol;

/// <summary>The statuses of the protocol.</summary>
internal static class Refusal
{
    /// <summary>INVALID_ARGUMENT, naming the field.</summary>
    public static RpcException Invalid(string field, string problem) => new(new Status(StatusCode.InvalidArgument, $"{field}: {problem}"));

    public static RpcException OtherGeneration(string message) => new(new Status(StatusCode.FailedPrecondition, message));

    public static RpcException Full(string message) => new(new Status(StatusCode.ResourceExhausted, message));

    public static RpcException Loading() => new(new Status(StatusCode.Unavailable, "The index is loading."));

    public static RpcException NotWritten() => new(new Status(StatusCode.Unavailable, "The files of the index could not be written."));

    public static RpcException Behind() => new(new Status(StatusCode.DeadlineExceeded, "The index has not come that far."));
}
