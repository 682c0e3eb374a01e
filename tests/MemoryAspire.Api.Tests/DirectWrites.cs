using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Postgres.Log;
using MemoryAspire.Postgres.Writes;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace MemoryAspire.Api.Tests;

/// <summary>Writes past the API: for any tenant, and many at once. No hint is sent, so that readers find out by polling.</summary>
internal sealed class DirectWrites : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source;
    private readonly LogHints _hints;
    private readonly MemoryWriter _writer;
    private readonly Random _random = new(7);

    public DirectWrites(Stack stack)
    {
        _source = NpgsqlDataSource.Create(stack.Database);
        _hints = new LogHints(_source, TimeProvider.System, NullLogger<LogHints>.Instance);
        _writer = new MemoryWriter(_source, new TransactionStatus(_source, TimeProvider.System), _hints);
    }

    /// <summary>New memories of a user, in one transaction, and of whatever tenant in the same partition.</summary>
    public async Task<IReadOnlyList<MemoryEvent>> CreateAsync(string tenant, string user, params string[] contents)
    {
        var partition = Partition.Of("default", user);
        var operations = contents.Select(content => new WriteOperation.Create(
            MemoryId.Create(partition, DateTimeOffset.UtcNow, _random), content, MemoryKind.Episodic, new Scope(user), CanonicalJson.EmptyObject, 0.5, null, default));
        return await WriteAsync(tenant, [.. operations]);
    }

    public async Task<IReadOnlyList<MemoryEvent>> WriteAsync(string tenant, params WriteOperation[] operations)
    {
        var transaction = new WriteTransaction(Guid.CreateVersion7(), tenant, "direct", "no-model", operations);
        return Assert.IsType<WriteOutcome.Committed>(await _writer.WriteAsync(transaction, TestContext.Current.CancellationToken)).Events;
    }

    public async ValueTask DisposeAsync()
    {
        _hints.Dispose();
        await _source.DisposeAsync();
    }
}
