using MemoryAspire.Contracts.Identity;
using MemoryAspire.Postgres.Schema;
using MemoryAspire.TestStores;
using Npgsql;

namespace MemoryAspire.Postgres.Tests;

public sealed class SchemaTests(StoresFixture stores)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Migrations_that_start_together_are_applied_once()
    {
        await using var source = NpgsqlDataSource.Create(await stores.CreatePostgresDatabaseAsync());

        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => new SchemaMigrations(source).ApplyAsync(Cancellation), Cancellation)));

        await using var command = source.CreateCommand("select count(*) from partition_heads");
        Assert.Equal((long)Partition.Count, await command.ExecuteScalarAsync(Cancellation));
    }

    [Fact]
    public async Task Every_primary_key_of_the_distributed_tables_begins_with_the_partition()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());

        var others = await episode.ScalarAsync<string[]>(
            """
            select coalesce(array_agg(i.indrelid::regclass::text ), '{}') from pg_index i
            join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
            join pg_class c on c.oid = i.indrelid and c.relnamespace = 'public'::regnamespace
            where i.indisprimary and a.attname <> 'partition'
            """);

        Assert.Equal(["database_identity", "generations", "schema_migrations"], others.Order());
    }

    [Fact]
    public async Task The_first_model_becomes_the_live_generation_and_stays_it()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        var generations = new Generations(episode.Source);

        Assert.Null(await generations.ReadLiveAsync(Cancellation));
        Assert.Equal(new Generation(1, "first", 100), await generations.EnsureLiveAsync("first", 100, Cancellation));
        Assert.Equal(new Generation(1, "first", 100), await generations.EnsureLiveAsync("second", 384, Cancellation));
    }

    [Fact]
    public async Task Two_databases_of_one_server_are_two_incarnations()
    {
        await using var one = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        await using var other = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());

        var first = await one.Log.ReadHeadsAsync(Cancellation);

        Assert.Equal(first.Incarnation, (await one.Log.ReadHeadsAsync(Cancellation)).Incarnation);
        Assert.NotEqual(first.Incarnation, (await other.Log.ReadHeadsAsync(Cancellation)).Incarnation);
    }
}
