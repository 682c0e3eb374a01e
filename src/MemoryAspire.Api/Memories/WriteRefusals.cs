using MemoryAspire.Api.Problems;
using MemoryAspire.Api.Requests;
using MemoryAspire.Postgres.Writes;

namespace MemoryAspire.Api.Memories;

/// <summary>What a client is told of a transaction that stored nothing.</summary>
internal static class WriteRefusals
{
    /// <summary>Null when it is committed.</summary>
    /// <param name="path">What the operations are called in the request, when it has several; the problem then names the one.</param>
    public static Refusal? Of(WriteOutcome outcome, string? path = null) => outcome switch
    {
        WriteOutcome.Committed => null,
        WriteOutcome.KeyReused => IdempotencyHeader.Reused(),
        WriteOutcome.KeyInFlight => IdempotencyHeader.InFlight(),
        WriteOutcome.NotFound missing => At(StatusCodes.Status404NotFound, "There is no memory with this id.", path, missing.Operation),
        WriteOutcome.VersionConflict conflict => At(
            StatusCodes.Status412PreconditionFailed, $"The memory has version {conflict.Current.Version}.", path, conflict.Operation, ("current", conflict.Current)),
        WriteOutcome.MergeConflict conflict => At(
            StatusCodes.Status409Conflict,
            $"Both changed since the version named: {string.Join(", ", conflict.Fields)}.",
            path,
            conflict.Operation,
            ("fields", conflict.Fields),
            ("current", conflict.Current)),
        WriteOutcome.Invalid invalid => Refusal.BadRequest(path is null ? invalid.Field : $"{path}[{invalid.Operation}].{invalid.Field}", invalid.Error),
        WriteOutcome.Refused refused => Refusal.Unavailable($"The {refused.Tier} tier refuses it: {refused.Reason} Nothing was stored.", "notStored"),
        WriteOutcome.Unreachable away => Refusal.Unavailable($"The {away.Tier} tier cannot be reached, and every tier is required. Nothing was stored.", "notStored"),
        WriteOutcome.Overloaded => Refusal.Unavailable("Too many writes are waiting. Nothing was stored.", "notStored"),
        _ => throw new InvalidOperationException($"Unhandled outcome {outcome}."),
    };

    private static Refusal At(int status, string detail, string? path, int operation, params ReadOnlySpan<(string Name, object Value)> members)
    {
        // In a transaction even the absence of a memory is a conflict: the resource that was asked for is there.
        if (path is not null && status == StatusCodes.Status404NotFound) status = StatusCodes.Status409Conflict;
        var named = new Dictionary<string, object?>();
        if (path is not null) named["operation"] = operation;
        foreach (var (name, value) in members) named[name] = value;
        return new Refusal(status, path is null ? detail : $"{path}[{operation}]: {detail}") { Members = named };
    }
}
