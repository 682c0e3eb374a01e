using MemoryAspire.Api.Consistency;
using MemoryAspire.Api.Database;
using MemoryAspire.Api.Problems;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;

namespace MemoryAspire.Api.History;

/// <summary>One memory as it was, also when it is gone by now.</summary>
internal sealed class GetPast(PastReads past, DatabaseWatch watch)
{
    /// <summary>The state, with its vector when that is wanted.</summary>
    /// <exception cref="Refusal">404: the tenant had no such memory then. 503: PostgreSQL is away.</exception>
    public async Task<MemoryRecord> ReadAsync(
        string tenant, MemoryId id, PastPoint point, bool withVector, RequestConsistency consistency, CancellationToken cancellationToken)
    {
        var vectorOf = withVector ? watch.Current.Generation.Model : null;
        var read = await past.ReadAsync(
            id,
            (history, token) => point switch
            {
                PastPoint.AtVersion(var version) => history.ReadVersionAsync(tenant, id, version, vectorOf, token),
                PastPoint.AsOf(var time) => history.ReadAsOfAsync(tenant, id, time, vectorOf, token),
                _ => throw new InvalidOperationException($"Unhandled point {point}."),
            },
            consistency,
            cancellationToken);
        return read.Events is [{ State: { } state }] && !IsOver(state.Memory, point)
            ? state
            : throw new Refusal(StatusCodes.Status404NotFound, "There was no memory with this id then.");
    }

    /// <summary>From <c>expiresAt</c> on a memory is absent, whether or not its event came at that moment.</summary>
    private static bool IsOver(Memory memory, PastPoint point) => point is PastPoint.AsOf(var time) && memory.ExpiresAt <= time;
}
