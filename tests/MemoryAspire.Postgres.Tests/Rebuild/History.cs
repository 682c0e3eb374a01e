using System.Text.Json;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Postgres.Rebuild;
using MemoryAspire.Postgres.Writes;

namespace MemoryAspire.Postgres.Tests.Rebuild;

/// <summary>A database with a random past, and what its rows were like at its end.</summary>
internal sealed class History : IAsyncDisposable
{
    private const int UsersMax = 12;

    private readonly Random _random;
    private readonly List<MemoryId> _living = [];

    private History(Episode episode, int seed)
    {
        Episode = episode;
        Rebuild = new MemoryRebuild(episode.Source);
        _random = new Random(seed);
    }

    public Episode Episode { get; }

    public MemoryRebuild Rebuild { get; }

    /// <summary>The rows at the end, see <see cref="RowsAsync"/>.</summary>
    public string Rows { get; private set; } = "";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<History> MakeAsync(string connectionString, int seed, int steps = 150)
    {
        var history = new History(await Episode.BeginAsync(connectionString), seed);
        for (var step = 0; step < steps; step++) await history.StepAsync();
        history.Rows = await history.RowsAsync();
        return history;
    }

    /// <summary>Everything that a row is, generated columns included; of one partition or of all.</summary>
    public Task<string> RowsAsync(Partition? partition = null) => Episode.ScalarAsync<string>(
        $"select count(*) || ' ' || md5(coalesce(string_agg(m::text, e'\\n' order by m.partition, m.id), '')) from memories m where {Of(partition)}");

    public async Task<IReadOnlyList<PartitionRebuild>> RebuildAsync() => await Rebuild.RunAsync(Cancellation).ToListAsync(Cancellation);

    public async Task<IReadOnlyList<PartitionRebuild>> RebuildAsync(IEnumerable<Partition> partitions)
    {
        var rebuilt = new List<PartitionRebuild>();
        foreach (var partition in partitions) rebuilt.Add(await Rebuild.RunAsync(partition, Cancellation));
        return rebuilt;
    }

    /// <summary>The partitions that have rows, in order.</summary>
    public async Task<IReadOnlyList<Partition>> PartitionsAsync() =>
        [.. (await Episode.ScalarAsync<short[]>("select array_agg(distinct partition order by partition) from memories")).Select(value => new Partition((byte)value))];

    public async Task<int> ExecuteAsync(string sql)
    {
        await using var command = Episode.Source.CreateCommand(sql);
        return await command.ExecuteNonQueryAsync(Cancellation);
    }

    public ValueTask DisposeAsync() => Episode.DisposeAsync();

    private static string Of(Partition? partition) => partition is { } one ? $"m.partition = {one.Value}" : "true";

    private async Task StepAsync()
    {
        var chance = _random.Next(10);
        if (_living.Count < 3 || chance < 5) await CreateAsync();
        else if (chance < 8) await UpdateAsync(_living[_random.Next(_living.Count)]);
        else await DeleteAsync(_random.Next(_living.Count));
    }

    private async Task CreateAsync()
    {
        var expiresAt = _random.Next(4) switch
        {
            0 => Episode.Start.AddYears(-1),
            1 => Episode.Start.AddYears(100).AddTicks(10 * _random.Next(1000)),
            _ => (DateTimeOffset?)null,
        };
        var create = Episode.NewMemory($"memory {_random.Next()} of Ada: té, 🍵", $"user {_random.Next(UsersMax)}", expiresAt: expiresAt, vector: _random.Next(3) == 0 ? [] : null);
        create = create with
        {
            Metadata = JsonElement.Parse($$"""{"n":{{_random.Next(5)}}.5,"tags":["a",null]}"""),
            Importance = _random.NextDouble(),
            Scope = create.Scope with { Agent = _random.Next(2) == 0 ? "chef" : null },
        };
        await Episode.CommitAsync(create);
        if (expiresAt is null or { Year: > 2100 }) _living.Add(create.Id);
    }

    private async Task DeleteAsync(int at)
    {
        await Episode.CommitAsync(new WriteOperation.Delete(_living[at]));
        _living.RemoveAt(at);
    }

    /// <summary>An update as it stands in the tables, some with a span.</summary>
    private Task<int> UpdateAsync(MemoryId id)
    {
        var span = _random.Next(2) == 0 ? "array[1, 2]::smallint[], array[3, 4]::bigint[]" : "null, null";
        return ExecuteAsync(
            $"""
            with head as (
                update partition_heads set head = head + 1, at = clock_timestamp() where partition = {id.Partition.Value} returning head, at
            ), changed as (
                update memories m set content = 'changed ' || {_random.Next()}, importance = {_random.Next(10)} / 10.0, version = m.version + 1,
                    position = head.head, digest = {_random.NextInt64()}, updated_at = head.at, metadata = m.metadata || '{"{\"changed\": 1.0}"}',
                    (span_partitions, span_positions) = row({span})
                from head where m.partition = {id.Partition.Value} and m.id = '{id}' returning m.*
            )
            insert into memory_events (
                partition, position, type, tenant, memory_id, version, vector_version, "user", agent, session, kind, content, metadata,
                importance, digest, created_at, updated_at, expires_at, transaction_id, actor, at, span_partitions, span_positions)
            select partition, position, 'updated', tenant, id, version, vector_version, "user", agent, session, kind, content, metadata,
                importance, digest, created_at, updated_at, expires_at, gen_random_uuid(), 'tester', updated_at, span_partitions, span_positions
            from changed
            """);
    }
}
