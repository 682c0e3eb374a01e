using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using MemoryAspire.Cli.Api;

namespace MemoryAspire.Cli.Import;

/// <summary>An item that was not stored.</summary>
internal sealed record ImportFailure(int Order, string At, int? Status, string Reason);

/// <summary>What became of a file.</summary>
/// <param name="Created">Stored now.</param>
/// <param name="Present">Stored by an earlier run, and not again.</param>
internal sealed record ImportOutcome(int Created, int Present, IReadOnlyList<ImportFailure> Failures);

/// <summary>
/// Creates memories, several at once. An item's idempotency key follows from its place and its content, so that a run
/// that was cut short, or doubted, can be repeated: within 24 hours nothing is stored twice.
/// </summary>
internal sealed class Importer(MemoryApi api, int concurrency)
{
    private readonly ConcurrentBag<ImportFailure> _failures = [];
    private int _created;
    private int _present;

    public ImportOutcome Outcome => new(_created, _present, [.. _failures.OrderBy(failure => failure.Order)]);

    /// <exception cref="ApiException">No further item can succeed, so the import has stopped; <see cref="Outcome"/> tells how far it came.</exception>
    public async Task RunAsync(IAsyncEnumerable<ImportItem> items, Action advance, CancellationToken cancellationToken)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = concurrency, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(items.Select((item, order) => (item, order)), options, async (next, token) =>
        {
            await StoreAsync(next.item, next.order, token);
            advance();
        });
    }

    private async Task StoreAsync(ImportItem item, int order, CancellationToken cancellationToken)
    {
        if (item.Error is { } error)
        {
            _failures.Add(new(order, item.At, null, error));
            return;
        }

        try
        {
            var answer = await api.CreateAsync(item.Body, Key(item), cancellationToken);
            if (answer.Replayed) Interlocked.Increment(ref _present);
            else Interlocked.Increment(ref _created);
        }
        catch (ApiException exception) when (!exception.ConcernsEverything)
        {
            _failures.Add(new(order, item.At, (int?)exception.Status, exception.Explain()));
        }
    }

    private static string Key(ImportItem item)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(item.At));
        hash.AppendData([0]);
        hash.AppendData(item.Body.Span);
        return $"import-{Convert.ToHexStringLower(hash.GetHashAndReset())}";
    }
}
