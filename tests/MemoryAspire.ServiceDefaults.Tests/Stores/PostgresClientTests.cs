using MemoryAspire.ServiceDefaults.Resilience;
using MemoryAspire.ServiceDefaults.Stores;
using MemoryAspire.TestStores;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Npgsql;

namespace MemoryAspire.ServiceDefaults.Tests.Stores;

public sealed class PostgresClientTests(StoresFixture stores)
{
    [Fact]
    public async Task The_connection_string_comes_by_its_name_and_wins_over_the_settings()
    {
        var database = await stores.CreatePostgresDatabaseAsync();
        using var app = RunningService.Build(
            builder => builder.AddNpgsqlDataSource("memorydb"), null,
            ("ConnectionStrings:memorydb", database), ("Aspire:Npgsql:ConnectionString", "Host=wrong"));

        Assert.Equal(1, await ScalarAsync(app.Services.GetRequiredService<NpgsqlDataSource>(), TestContext.Current.CancellationToken));
        var health = await CheckAsync(app);
        Assert.Equal(HealthStatus.Healthy, health.Entries["PostgreSql"].Status);
    }

    [Theory]
    [InlineData("Aspire:Npgsql:ConnectionString")]
    [InlineData("Aspire:Npgsql:memorydb:ConnectionString")]
    public async Task The_connection_string_may_come_from_the_settings(string key)
    {
        using var app = RunningService.Build(
            builder => builder.AddNpgsqlDataSource("memorydb"), null, (key, await stores.CreatePostgresDatabaseAsync()));

        Assert.Equal(1, await ScalarAsync(app.Services.GetRequiredService<NpgsqlDataSource>(), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_missing_connection_string_is_named_when_the_data_source_is_asked_for()
    {
        using var app = RunningService.Build(builder => builder.AddNpgsqlDataSource("memorydb"), null);

        var missing = Assert.Throws<InvalidOperationException>(() => app.Services.GetRequiredService<NpgsqlDataSource>());

        Assert.Contains("ConnectionStrings:memorydb", missing.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Aspire:Npgsql:DisableHealthChecks")]
    [InlineData("Aspire:Npgsql:memorydb:DisableHealthChecks")]
    public async Task The_health_check_can_be_left_out(string key)
    {
        using var app = RunningService.Build(builder => builder.AddNpgsqlDataSource("memorydb"), null, (key, "true"));

        Assert.DoesNotContain("PostgreSql", (await CheckAsync(app)).Entries.Keys);
    }

    [Fact]
    public async Task Two_databases_are_told_apart_by_key()
    {
        using var app = RunningService.Build(
            builder =>
            {
                builder.AddKeyedNpgsqlDataSource("one");
                builder.AddKeyedNpgsqlDataSource("other");
            },
            null,
            ("ConnectionStrings:one", await stores.CreatePostgresDatabaseAsync()), ("ConnectionStrings:other", "Host=127.0.0.1;Port=9;Timeout=1"));

        Assert.Equal(1, await ScalarAsync(app.Services.GetRequiredKeyedService<NpgsqlDataSource>("one"), TestContext.Current.CancellationToken));
        var entries = (await CheckAsync(app)).Entries;
        Assert.Equal(HealthStatus.Healthy, entries["PostgreSql_one"].Status);
        Assert.Equal(HealthStatus.Unhealthy, entries["PostgreSql_other"].Status);
    }

    [Fact]
    public async Task Configuration_limits_the_pool()
    {
        using var app = RunningService.Build(
            builder => builder.AddPostgresStore(), null,
            ("ConnectionStrings:memorydb", await stores.CreatePostgresDatabaseAsync()),
            ("Stores:Postgres:ConnectionsMax", "2"), ("Stores:Postgres:ConnectTimeout", "00:00:01"));
        var dataSource = app.Services.GetRequiredService<NpgsqlDataSource>();
        await using var one = await dataSource.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var two = await dataSource.OpenConnectionAsync(TestContext.Current.CancellationToken);

        var exhausted = await Assert.ThrowsAsync<NpgsqlException>(async () => await dataSource.OpenConnectionAsync(TestContext.Current.CancellationToken));

        Assert.Contains("2", exhausted.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_leaves_health_to_its_service_which_knows_what_its_loss_means()
    {
        using var app = RunningService.Build(
            builder =>
            {
                builder.AddPostgresStore();
                builder.AddRedisStore();
            },
            null);

        Assert.Equal(["host", "self"], (await CheckAsync(app)).Entries.Keys.Order());
    }

    [Fact]
    public async Task A_limit_that_makes_no_sense_stops_the_start_and_is_named()
    {
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => RunningService.StartAsync(
            builder => builder.AddPostgresStore(), settings: [("ConnectionStrings:memorydb", "Host=x"), ("Stores:Postgres:ConnectionsMax", "0")]));

        Assert.Contains("Stores:Postgres:ConnectionsMax", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_PostgreSQL_was_killed_and_came_back_reads_work_through_the_same_pool()
    {
        await using var server = await PostgresServer.StartAsync(new() { Fsync = false });
        using var app = RunningService.Build(
            builder => builder.AddNpgsqlDataSource("memorydb"), null, ("ConnectionStrings:memorydb", await server.CreateDatabaseAsync()));
        var dataSource = app.Services.GetRequiredService<NpgsqlDataSource>();
        var read = app.Services.GetRequiredService<StorePipelines>().PostgresRead;
        Assert.Equal(1, await ReadAsync(read, dataSource));

        await server.KillAsync();
        var away = await Assert.ThrowsAnyAsync<NpgsqlException>(() => ReadAsync(read, dataSource));
        Assert.True(StoreFailures.IsPostgresAway(away));
        Assert.Equal(HealthStatus.Unhealthy, (await CheckAsync(app)).Entries["PostgreSql"].Status);

        await server.RestartAsync();
        Assert.Equal(1, await ReadAsync(read, dataSource));
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(app)).Entries["PostgreSql"].Status);
    }

    [Fact]
    public async Task A_connection_that_broke_unseen_costs_a_retry_and_no_error()
    {
        await using var server = await PostgresServer.StartAsync(new() { Fsync = false });
        using var app = RunningService.Build(
            builder => builder.AddPostgresStore(), null, ("ConnectionStrings:memorydb", await server.CreateDatabaseAsync()));
        var dataSource = app.Services.GetRequiredService<NpgsqlDataSource>();
        var read = app.Services.GetRequiredService<StorePipelines>().PostgresRead;
        Assert.Equal(1, await ReadAsync(read, dataSource));

        await server.KillAsync();
        await server.RestartAsync();

        Assert.Equal(1, await ReadAsync(read, dataSource));
    }

    private static async Task<object?> ReadAsync(Polly.ResiliencePipeline read, NpgsqlDataSource dataSource) =>
        await read.ExecuteAsync(async token => await ScalarAsync(dataSource, token), TestContext.Current.CancellationToken);

    private static async Task<object?> ScalarAsync(NpgsqlDataSource dataSource, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("SELECT 1");
        return await command.ExecuteScalarAsync(cancellationToken);
    }

    private static Task<HealthReport> CheckAsync(WebApplication app) =>
        app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken);
}
