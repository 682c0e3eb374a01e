using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Postgres.Log;
using MemoryAspire.Postgres.Writes;
using Npgsql;

namespace MemoryAspire.Postgres.Dedupe;

/// <summary>A create that must not double a memory.</summary>
internal sealed record Deduped(string Tenant, WriteOperation.Create Create, DedupeRule Rule);

/// <summary>A key, and the memory that was made under it.</summary>
internal sealed record OwnedKey(string Tenant, ReadOnlyMemory<byte> Key, MemoryId Memory);

/// <summary>
/// What the creates of a group would double. Their keys are locked in sorted order behind the idempotency keys and before the heads;
/// the memories are looked for by statements behind that lock, so that whoever had it before is seen.
/// </summary>
internal sealed class Duplicates
{
    /// <summary>The newest memories of a scope that a similar one is compared with: a bound on how long its lock is held.</summary>
    public const int ComparedMax = 10_000;

    /// <summary>The nearest ones that are kept, should some be changed or deleted earlier in the same group.</summary>
    private const int NearestMax = 8;

    private readonly List<Deduped> _creates;
    private readonly List<Deduped> _scopes;
    private readonly string _model;
    private readonly Dictionary<WriteOperation.Create, MemoryEvent?> _found = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<WriteOperation.Create, List<(double Similarity, short Partition, long Position)>> _near = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<(short Partition, long Position), MemoryEvent> _events = [];

    private Duplicates(List<Deduped> creates, string model)
    {
        (_creates, _model) = (creates, model);
        _scopes = [.. creates.Where(one => one.Rule.Mode == DedupeMode.Similar && !one.Create.Vector.IsEmpty).DistinctBy(one => (one.Tenant, Text(one.Rule.ScopeKey)))];
        Keys =
        [
            .. creates.Select(one => (one.Tenant, one.Rule.Key))
                .Concat(_scopes.Select(one => (one.Tenant, Key: one.Rule.ScopeKey)))
                .DistinctBy(key => (key.Tenant, Text(key.Key))),
        ];
    }

    /// <summary>What the group locks.</summary>
    public IReadOnlyList<(string Tenant, ReadOnlyMemory<byte> Key)> Keys { get; }

    /// <summary>Null when no create of the group asks for it.</summary>
    public static Duplicates? Of(IReadOnlyList<WriteTransaction> group)
    {
        List<Deduped>? creates = null;
        foreach (var transaction in group)
        {
            foreach (var operation in transaction.Operations)
            {
                if (operation is WriteOperation.Create { Dedupe: { } rule } create) (creates ??= []).Add(new Deduped(transaction.Tenant, create, rule));
            }
        }

        return creates is null ? null : new Duplicates(creates, group[0].Model);
    }

    /// <summary>Adds the statements that lock and look.</summary>
    public void AddTo(NpgsqlBatchCommandCollection commands)
    {
        commands.Add(DedupeStatements.Lock(Keys));
        commands.Add(DedupeStatements.Find(_creates, _model));
        if (_scopes.Count > 0) commands.Add(DedupeStatements.Vectors(_scopes, _model, ComparedMax));
    }

    /// <summary>Reads the results of those statements, and goes on to the next one's.</summary>
    public async Task ReadAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        // The lock gives no rows, and so no result.
        while (await reader.ReadAsync(cancellationToken))
        {
            _found[_creates[(int)reader.GetInt64(EventRows.Count + 1) - 1].Create] = reader.IsDBNull(0) ? null : EventRows.Read(reader);
        }

        await reader.NextResultAsync(cancellationToken);
        if (_scopes.Count == 0) return;
        var compared = _scopes
            .Select(scope => _creates.Where(one => one.Rule.ScopeKey.Span.SequenceEqual(scope.Rule.ScopeKey.Span) && one.Tenant == scope.Tenant && !one.Create.Vector.IsEmpty).ToList())
            .ToList();
        while (await reader.ReadAsync(cancellationToken))
        {
            var vector = reader.GetFieldValue<byte[]>(3);
            foreach (var (_, create, rule) in compared[(int)reader.GetInt64(0) - 1])
            {
                var similarity = Similarity(vector, create.Vector.Span);
                if (similarity >= rule.SimilarityMin) Keep(create, (similarity, reader.GetInt16(1), reader.GetInt64(2)));
            }
        }

        await reader.NextResultAsync(cancellationToken);
    }

    /// <summary>Reads the memories that are near enough, when there are any.</summary>
    public async Task CompleteAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (_near.Count == 0) return;
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(DedupeStatements.Events([.. _near.Values.SelectMany(near => near).Select(one => (one.Partition, one.Position)).Distinct()], _model));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var @event = EventRows.Read(reader);
            _events[(@event.Partition.Value, @event.Position.Value)] = @event;
        }
    }

    /// <summary>Whether a memory under the create's key was found, be it gone.</summary>
    public bool TryFind(WriteOperation.Create create, out MemoryEvent? made) => _found.TryGetValue(create, out made);

    /// <summary>The memories near enough, the nearest first.</summary>
    public IEnumerable<MemoryEvent> Near(WriteOperation.Create create) => _near.GetValueOrDefault(create, [])
        .OrderByDescending(one => one.Similarity)
        .Select(one => _events.GetValueOrDefault((one.Partition, one.Position)))
        .OfType<MemoryEvent>();

    /// <summary>The cosine of two vectors of the same model, as bytes.</summary>
    public static double Similarity(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other) => one.Length != other.Length
        ? -1
        : TensorPrimitives.CosineSimilarity(MemoryMarshal.Cast<byte, float>(one), MemoryMarshal.Cast<byte, float>(other));

    private void Keep(WriteOperation.Create create, (double Similarity, short Partition, long Position) one)
    {
        if (!_near.TryGetValue(create, out var near)) _near.Add(create, near = new(NearestMax + 1));
        near.Add(one);
        if (near.Count > NearestMax) near.Remove(near.Min());
    }

    private static string Text(ReadOnlyMemory<byte> key) => Convert.ToHexString(key.Span);
}
