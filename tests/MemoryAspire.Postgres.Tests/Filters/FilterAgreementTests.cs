using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Filters;
using MemoryAspire.Postgres.Memories;
using MemoryAspire.TestStores;
using Npgsql;

namespace MemoryAspire.Postgres.Tests.Filters;

/// <summary>PostgreSQL and the memory of this process judge alike.</summary>
public sealed class FilterAgreementTests(StoresFixture stores)
{
    private const int Memories = 300;

    private const int Filters = 600;

    [Fact]
    public async Task Sql_and_memory_agree_on_random_filters_and_random_metadata()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        var seed = Environment.GetEnvironmentVariable("MEMORY_MODEL_SEED") is { } given ? ulong.Parse(given, System.Globalization.CultureInfo.InvariantCulture) : (ulong)Random.Shared.NextInt64(1, int.MaxValue);
        var memories = Sample(RandomFilters.Metadata, Memories, seed).Select(Memory).ToList();
        await StoreAsync(episode.Source, memories);
        var (matches, all) = (0, 0);
        foreach (var json in Sample(RandomFilters.Filter, Filters, seed + 1))
        {
            var filter = FilterReader.Read(JsonElement.Parse(json));
            var inMemory = memories.Where(memory => filter.Matches(memory)).Select(memory => memory.Id).Order();
            var page = await episode.Lister.ListAsync(new MemorySelection(Episode.Tenant, Scope.None, null, filter), null, Memories, TestContext.Current.CancellationToken);

            var inSql = page.Memories.Select(stored => stored.Record.Memory.Id).Order().ToList();
            var apart = inMemory.Except(inSql).Concat(inSql.Except(inMemory)).Take(1).Select(id => memories.Single(memory => memory.Id == id)).Select(memory => MemoryJson.Encode(memory)).Select(System.Text.Encoding.UTF8.GetString);
            Assert.True(inMemory.SequenceEqual(inSql), $"MEMORY_MODEL_SEED={seed}: {json} on {string.Concat(apart)}");
            matches += inSql.Count;
            all += Memories;
        }

        // They would also agree on nothing, or on everything.
        Assert.InRange((double)matches / all, 0.1, 0.9);
    }

    [Theory]
    [InlineData("""{"metadata.topic":{"eq":"rare"}}""")]
    [InlineData("""{"metadata.topic":{"in":["rare","rarer"]}}""")]
    [InlineData("""{"metadata.n":{"eq":7}}""")]
    [InlineData("""{"metadata.tags":{"contains":7}}""")]
    [InlineData("""{"and":[{"metadata.topic":{"eq":"rare"}},{"importance":{"gte":0.1}}]}""")]
    public async Task Equality_within_metadata_is_served_by_an_index(string json)
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        await ManyAsync(episode.Source);

        var plan = await ExplainAsync(episode.Source, new MemorySelection(Episode.Tenant, Scope.None, null, FilterReader.Read(JsonElement.Parse(json))));

        Assert.Contains("memories_by_metadata", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("Seq Scan on memories", plan, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"scope.user":{"eq":"u7"}}""", "memories_by_user")]
    [InlineData("""{"scope.session":{"in":["s7","s8"]}}""", "memories_by_session")]
    [InlineData("""{"createdAt":{"gte":"2027-01-01T00:00:00Z"}}""", "memories_by_time")]
    public async Task Scope_and_time_are_served_by_an_index(string json, string index)
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        await ManyAsync(episode.Source);

        var plan = await ExplainAsync(episode.Source, new MemorySelection(Episode.Tenant, Scope.None, null, FilterReader.Read(JsonElement.Parse(json))));

        Assert.Contains(index, plan, StringComparison.Ordinal);
    }

    private static IReadOnlyList<string> Sample(Gen<string> generator, int count, ulong seed) =>
        [.. generator.Sample(count, new Rnd(seed, 1), 30)];

    private static Memory Memory(string metadata, int number)
    {
        var user = RandomFilters.ScopePart(number);
        return new Memory(
            MemoryId.Create(Partition.Of(Episode.Tenant, user ?? "x"), Episode.Start, new Random(number)),
            $"Number {number}.",
            number % 2 == 0 ? MemoryKind.Semantic : MemoryKind.Procedural,
            new Scope(user, RandomFilters.ScopePart(number / 3), RandomFilters.ScopePart(number / 7)),
            CanonicalJson.Of(JsonElement.Parse(metadata)),
            RandomFilters.Importance(number),
            1,
            RandomFilters.Time(number),
            RandomFilters.Time(number / 2),
            null);
    }

    private static async Task StoreAsync(NpgsqlDataSource source, IReadOnlyList<Memory> memories)
    {
        await using var batch = source.CreateBatch();
        foreach (var memory in memories)
        {
            var command = new NpgsqlBatchCommand(
                """
                insert into memories (partition, id, tenant, "user", agent, session, kind, content, metadata, importance, version, position, digest, created_at, updated_at)
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb, $10, 1, 1, 0, $11, $12)
                """);
            foreach (var value in new object?[]
            {
                (short)memory.Id.Partition.Value, memory.Id.Value, Episode.Tenant, memory.Scope.User, memory.Scope.Agent, memory.Scope.Session, memory.Kind.ToText(),
                memory.Content, memory.Metadata.GetRawText(), memory.Importance, memory.CreatedAt, memory.UpdatedAt,
            })
            {
                command.Parameters.Add(new() { Value = value ?? DBNull.Value });
            }

            batch.BatchCommands.Add(command);
        }

        await batch.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    private static async Task ManyAsync(NpgsqlDataSource source)
    {
        await using var command = source.CreateCommand(
            """
            insert into memories (partition, id, tenant, "user", session, kind, content, metadata, importance, version, position, digest, created_at, updated_at)
            select n % 256, gen_random_uuid(), 'default', 'u' || n % 500, 's' || n % 2000, 'semantic', 'Number ' || n,
                jsonb_build_object('topic', case when n % 1000 = 7 then 'rare' else 'common' || n % 20 end, 'n', n % 1500, 'tags', jsonb_build_array(n % 1500)),
                0.5, 1, n, 0, '2026-01-01'::timestamptz + n * interval '1 minute', now()
            from generate_series(1, 20000) n;
            """);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        await using var analyze = source.CreateCommand("analyze memories");
        await analyze.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<string> ExplainAsync(NpgsqlDataSource source, MemorySelection selection)
    {
        await using var command = source.CreateCommand();
        command.CommandText = $"explain select m.id from memories m where {SelectionSql.Present(selection, new SqlParameters(command.Parameters))}";
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var lines = new List<string>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken)) lines.Add(reader.GetString(0));
        return string.Join('\n', lines);
    }
}
