using MemoryAspire.Contracts.Identity;
using MemoryAspire.Postgres.Reconciliation;

namespace MemoryAspire.Reconciliation.Indexes;

/// <summary>The rows' side of a comparison by ranges: read in SQL, or made from rows that were read once.</summary>
internal interface IRowSide
{
    /// <summary>Each range in up to 16 parts, which together are the range.</summary>
    Task<IReadOnlyList<RangeSum>> SplitAsync(IReadOnlyList<RowRange> ranges, CancellationToken cancellationToken);

    Task<IReadOnlyList<RowDigest>> ListAsync(IReadOnlyList<RowRange> ranges, CancellationToken cancellationToken);
}

/// <summary>By the digests of the rows.</summary>
internal sealed class SqlSide(RowDigests rows) : IRowSide
{
    public Task<IReadOnlyList<RangeSum>> SplitAsync(IReadOnlyList<RowRange> ranges, CancellationToken cancellationToken) => rows.SplitAsync(ranges, cancellationToken);

    public Task<IReadOnlyList<RowDigest>> ListAsync(IReadOnlyList<RowRange> ranges, CancellationToken cancellationToken) => rows.ListAsync(ranges, cancellationToken);
}

/// <summary>By what was made of rows and vectors that were read as a whole.</summary>
internal sealed class ReadSide : IRowSide
{
    private readonly Dictionary<Partition, RowDigest[]> _rows;

    public ReadSide(IEnumerable<RowDigest> rows) => _rows = rows
        .GroupBy(row => row.Id.Partition)
        .ToDictionary(group => group.Key, group => group.OrderBy(row => row.Id).ToArray());

    public Task<IReadOnlyList<RangeSum>> SplitAsync(IReadOnlyList<RowRange> ranges, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<RangeSum>>([.. ranges.SelectMany(Split)]);

    public Task<IReadOnlyList<RowDigest>> ListAsync(IReadOnlyList<RowRange> ranges, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<RowDigest>>([.. ranges.SelectMany(In)]);

    private IEnumerable<RangeSum> Split(RowRange range)
    {
        var rows = In(range).ToArray();
        if (rows.Length == 0) yield return new RangeSum(range, 0, 0);
        var size = Math.Max(1, (rows.Length + RowDigests.Ways - 1) / RowDigests.Ways);
        for (var at = 0; at < rows.Length; at += size)
        {
            var part = rows.AsSpan(at, Math.Min(size, rows.Length - at));
            var digest = 0UL;
            foreach (var row in part) digest ^= row.Digest;
            yield return new RangeSum(
                new RowRange(range.Partition, at == 0 ? range.From : rows[at].Id, at + size >= rows.Length ? range.Until : rows[at + size].Id), part.Length, digest);
        }
    }

    private IEnumerable<RowDigest> In(RowRange range) => !_rows.TryGetValue(range.Partition, out var rows)
        ? []
        : rows.Where(row => (range.From is not { } from || row.Id >= from) && (range.Until is not { } until || row.Id < until));
}
