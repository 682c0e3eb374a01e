using MemoryAspire.Contracts.Identity;
using MemoryAspire.Postgres.Rebuild;
using MemoryAspire.TestStores;

namespace MemoryAspire.Postgres.Tests.Rebuild;

public sealed class MemoryRebuildTests(StoresFixture stores)
{
    /// <summary>Some rows, the same ones whatever their columns hold.</summary>
    private const string Chosen = "id in (select id from memories where vector_version is not null order by md5(id::text) limit 5)";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task An_emptied_table_is_made_again_byte_for_byte(int seed)
    {
        await using var history = await History.MakeAsync(await stores.CreatePostgresDatabaseAsync(), seed);
        var rows = await history.ExecuteAsync("delete from memories");

        var rebuilt = await history.RebuildAsync();

        Assert.Equal(history.Rows, await history.RowsAsync());
        Assert.Equal((0, rows, 0), Counts(rebuilt));
        Assert.Equal(await history.Episode.ScalarAsync<long>("select count(*) from memory_events"), rebuilt.Sum(partition => partition.Events));
        Assert.Equal(rows, rebuilt.Sum(partition => partition.Memories));
        Assert.Equal((0, 0, 0), Counts(await history.RebuildAsync()));
    }

    /// <summary>Each spoils every column it names, in whatever row it meets.</summary>
    private static readonly string[] Spoilings =
    [
        "update memories set content = content || '.'",
        "update memories set digest = digest + 1",
        "update memories set position = position + 1",
        "update memories set version = version + 1",
        "update memories set vector_version = coalesce(vector_version, 0) + 1",
        "update memories set vector_version = null",
        "update memories set metadata = metadata || '{\"n\": null}'",
        "update memories set metadata = replace(metadata::text, '.5', '.50')::jsonb",
        "update memories set importance = -importance",
        "update memories set kind = 'procedural'",
        "update memories set tenant = 'other'",
        "update memories set \"user\" = null",
        "update memories set session = 's'",
        "update memories set created_at = created_at + interval '1 microsecond', updated_at = now()",
        "update memories set expires_at = coalesce(expires_at, now()) + interval '1 microsecond'",
        "update memories set span_partitions = '{1}', span_positions = '{2}'",
    ];

    [Fact]
    public async Task Every_spoiled_column_of_a_row_is_restored()
    {
        await using var history = await History.MakeAsync(await stores.CreatePostgresDatabaseAsync(), seed: 4, steps: 60);
        var partitions = await history.PartitionsAsync();
        foreach (var spoiling in Spoilings)
        {
            var spoiled = await history.ExecuteAsync($"{spoiling} where {Chosen}");
            Assert.NotEqual((0, history.Rows), (spoiled, await history.RowsAsync()));

            var rebuilt = await history.RebuildAsync(partitions);

            Assert.Equal(history.Rows, await history.RowsAsync());
            Assert.Equal((spoiling, 0, 0, spoiled), (spoiling, rebuilt.Sum(one => one.Removed.Count), rebuilt.Sum(one => one.Added.Count), rebuilt.Sum(one => one.Replaced.Count)));
        }
    }

    [Theory]
    [InlineData("delete from memories", false)]
    [InlineData("update memories set id = gen_random_uuid()", true)]
    [InlineData("update memories set partition = (partition + 1) % 256", true)]
    public async Task Rows_that_are_missing_or_elsewhere_come_back(string spoiling, bool leavesAnother)
    {
        await using var history = await History.MakeAsync(await stores.CreatePostgresDatabaseAsync(), seed: 4, steps: 60);
        var spoiled = await history.ExecuteAsync($"{spoiling} where {Chosen}");

        var counts = Counts(await history.RebuildAsync());

        Assert.Equal(history.Rows, await history.RowsAsync());
        Assert.Equal((leavesAnother ? spoiled : 0, spoiled, 0), counts);
    }

    [Fact]
    public async Task Rows_that_the_log_never_had_or_removed_go()
    {
        await using var history = await History.MakeAsync(await stores.CreatePostgresDatabaseAsync(), seed: 5);
        const string Columns = "tenant, kind, content, metadata, importance, version, position, digest, created_at, updated_at";
        var removed = await history.ExecuteAsync(
            $"""
            insert into memories (partition, id, {Columns})
            select e.partition, e.memory_id, {Columns} from memory_events e
            where e.type = 'created' and not exists (select from memories m where m.id = e.memory_id)
            """);
        var invented = await history.ExecuteAsync($"insert into memories (partition, id, {Columns}) select 255 - partition, gen_random_uuid(), {Columns} from memories limit 7");

        var rebuilt = await history.RebuildAsync();

        Assert.True(removed > 0);
        Assert.Equal((removed + invented, 0, 0), Counts(rebuilt));
        Assert.Equal(history.Rows, await history.RowsAsync());
    }

    [Fact]
    public async Task A_log_that_is_not_whole_proves_nothing()
    {
        await using var history = await History.MakeAsync(await stores.CreatePostgresDatabaseAsync(), seed: 6);
        var gap = await history.Episode.ScalarAsync<short>("select min(partition) from memories");
        var headless = await history.Episode.ScalarAsync<short>("select max(partition) from memories");
        await history.ExecuteAsync($"delete from memory_events where partition = {gap} and position = 1");
        await history.ExecuteAsync($"update partition_heads set head = head - 1 where partition = {headless}");
        await history.ExecuteAsync("update memories set content = 'wrong'");
        var left = (await history.RowsAsync(new((byte)gap)), await history.RowsAsync(new((byte)headless)));

        var rebuilt = await history.RebuildAsync();

        Assert.Equal([gap, headless], rebuilt.Where(partition => !partition.LogIsWhole).Select(partition => (short)partition.Partition.Value));
        Assert.Equal(left, (await history.RowsAsync(new((byte)gap)), await history.RowsAsync(new((byte)headless))));
        Assert.Empty(rebuilt.Where(partition => !partition.LogIsWhole).SelectMany(partition => partition.Repaired));
        Assert.Equal(
            await history.Episode.ScalarAsync<long>($"select count(*) from memories where partition not in ({gap}, {headless})"),
            rebuilt.Sum(partition => partition.Replaced.Count));
    }

    [Fact]
    public async Task Every_column_is_rebuilt()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());

        var columns = await episode.ScalarAsync<string[]>(
            "select array_agg(column_name::text) from information_schema.columns where table_name = 'memories' and is_generated = 'NEVER'");

        Assert.Equal(columns.Order(StringComparer.Ordinal), RebuildStatements.Columns.Select(column => column.Trim('"')).Order(StringComparer.Ordinal));
    }

    private static (int Removed, int Added, int Replaced) Counts(IReadOnlyList<PartitionRebuild> rebuilt)
    {
        Assert.Equal(Partition.All, rebuilt.Select(partition => partition.Partition));
        return (rebuilt.Sum(one => one.Removed.Count), rebuilt.Sum(one => one.Added.Count), rebuilt.Sum(one => one.Replaced.Count));
    }
}
