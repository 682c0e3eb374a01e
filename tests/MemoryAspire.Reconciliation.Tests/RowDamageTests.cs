using MemoryAspire.Contracts.Identity;

namespace MemoryAspire.Reconciliation.Tests;

/// <summary>Rows, events and vectors that were changed by hand in SQL.</summary>
[Collection("stack")]
public sealed class RowDamageTests(Services services)
{
    [Fact]
    public async Task A_row_changed_by_hand_is_restored_and_no_tier_keeps_what_it_said()
    {
        var id = await services.CreateAsync("Ada prefers tea.");
        await services.SqlAsync($"update memories set content = 'Ada prefers poison.' where id = '{id}'");
        await services.Redis.GetDatabase().KeyDeleteAsync(Services.KeyOf(id));
        await Services.UntilAsync(async () => await Source(id) == "redis");
        Assert.Equal("Ada prefers poison.", (await services.GetAsync($"/v1/memories/{id}")).GetProperty("content").GetString());

        RunReport.AssertFound(await services.ReconcileAsync(), 1, "postgres changed 1");

        Assert.Equal("Ada prefers tea.", (await services.GetAsync($"/v1/memories/{id}")).GetProperty("content").GetString());
        RunReport.AssertFound(await services.ReconcileAsync(new { deep = true }), 0);
    }

    [Fact]
    public async Task What_a_reader_filled_from_a_wrong_row_after_its_repair_is_found_in_redis()
    {
        var id = await services.CreateAsync("Ada prefers coffee.");
        var redis = services.Redis.GetDatabase();
        await services.SqlAsync($"update memories set content = 'Ada prefers poison.' where id = '{id}'");
        await redis.KeyDeleteAsync(Services.KeyOf(id));
        await Services.UntilAsync(async () => await Source(id) == "redis");
        var filled = await redis.HashGetAllAsync(Services.KeyOf(id));
        RunReport.AssertFound(await services.ReconcileAsync(new { tiers = new[] { "postgres" } }), 1, "postgres changed 1");

        // The reader that slept: fill accepts it, because the head is the same.
        await redis.HashSetAsync(Services.KeyOf(id), filled);
        await redis.KeyExpireAsync(Services.KeyOf(id), TimeSpan.FromHours(1));

        RunReport.AssertFound(await services.ReconcileAsync(), 1, "redis changed 1");
        Assert.Equal("Ada prefers coffee.", (await services.GetAsync($"/v1/memories/{id}")).GetProperty("content").GetString());
    }

    [Fact]
    public async Task Rows_that_were_deleted_or_invented_are_put_right()
    {
        var deleted = await services.CreateAsync("Ada was born in 1815.");
        var model = await services.CreateAsync("Ada wrote notes.");
        var invented = MemoryId.Create(model.Partition, TimeProvider.System.GetUtcNow(), new Random(5));
        await services.SqlAsync($"delete from memories where id = '{deleted}'");
        await services.SqlAsync(InsertCopy(model, invented));

        RunReport.AssertFound(await services.ReconcileAsync(), 2, "postgres missing 1", "postgres orphan 1");

        Assert.Equal("Ada was born in 1815.", (await services.GetAsync($"/v1/memories/{deleted}?consistency=strong")).GetProperty("content").GetString());
        Assert.Equal(0L, await services.ScalarAsync<long>($"select count(*) from memories where id = '{invented}'"));
        RunReport.AssertFound(await services.ReconcileAsync(new { deep = true }), 0);
    }

    [Fact]
    public async Task A_row_that_is_accepted_becomes_the_next_version_in_every_tier()
    {
        var id = await services.CreateAsync("Ada collects stamps.");
        await services.SqlAsync($"update memories set content = 'Ada collects meteorites.', importance = 0.9, version = 77 where id = '{id}'");

        var report = await services.ReconcileAsync(new { repair = "acceptRow" });

        RunReport.AssertFound(report, 1, "postgres changed 1");
        var memory = await services.GetAsync($"/v1/memories/{id}");
        Assert.Equal(("Ada collects meteorites.", 2, 0.9), (memory.GetProperty("content").GetString(), memory.GetProperty("version").GetInt64(), memory.GetProperty("importance").GetDouble()));
        var history = await services.GetAsync($"/v1/memories/{id}/history");
        Assert.Equal(["created 1", "updated 2"], history.GetProperty("items").EnumerateArray().Select(item => $"{item.GetProperty("type").GetString()} {item.GetProperty("version")}"));
        Assert.Equal("reconciler", history.GetProperty("items")[1].GetProperty("actor").GetString());
        Assert.Equal(2, (await services.InIndexAsync(id)).Version);
        Assert.Equal(id.ToString(), (await services.SearchAsync("meteorites"))[0]);
        RunReport.AssertFound(await services.ReconcileAsync(new { deep = true }), 0);
    }

    [Fact]
    public async Task Rows_that_were_deleted_or_invented_are_so_by_events_when_accepted()
    {
        var deleted = await services.CreateAsync("Ada owes Babbage.");
        var model = await services.CreateAsync("Ada met Babbage.");
        var invented = MemoryId.Create(model.Partition, TimeProvider.System.GetUtcNow(), new Random(6));
        await services.SqlAsync($"delete from memories where id = '{deleted}'");
        await services.SqlAsync(InsertCopy(model, invented));

        RunReport.AssertFound(await services.ReconcileAsync(new { repair = "acceptRow" }), 2, "postgres missing 1", "postgres orphan 1");

        await services.InStepAsync();
        Assert.Equal(0, (await services.InIndexAsync(deleted)).Version);
        Assert.Equal("Ada met Babbage.", (await services.GetAsync($"/v1/memories/{invented}")).GetProperty("content").GetString());
        Assert.Equal(1, (await services.InIndexAsync(invented)).Version);
        RunReport.AssertFound(await services.ReconcileAsync(new { deep = true }), 0);
    }

    [Fact]
    public async Task A_log_that_lacks_an_event_is_named_and_nothing_is_made_like_it()
    {
        var id = await services.CreateAsync("Ada has an umbrella.", "lonely");
        await services.SqlAsync($"create table saved as select * from memory_events where memory_id = '{id}'");
        await services.SqlAsync($"delete from memory_events where memory_id = '{id}'");
        try
        {
            var report = await services.ReconcileAsync();

            Assert.Equal(["postgres log_gap 1", "postgres orphan 1"], report.Differences);
            Assert.Equal((0, 2), (report.Repaired, report.Unrepairable));
            Assert.Equal("Ada has an umbrella.", (await services.GetAsync($"/v1/memories/{id}?consistency=strong")).GetProperty("content").GetString());
        }
        finally
        {
            await services.SqlAsync("insert into memory_events select * from saved; drop table saved");
        }

        RunReport.AssertFound(await services.ReconcileAsync(), 0);
    }

    [Fact]
    public async Task A_vector_changed_by_hand_is_found_by_the_stored_bytes_and_kept_out_of_the_index()
    {
        var id = await services.CreateAsync("Ada sings alto.");
        await services.SqlAsync($"create table saved as select * from memory_vectors where id = '{id}'");
        await services.SqlAsync($"update memory_vectors set embedding = set_byte(embedding, 2, 255 - get_byte(embedding, 2)) where id = '{id}'");
        try
        {
            RunReport.AssertFound(await services.ReconcileAsync(), 0);
            var report = await services.ReconcileAsync(new { deep = true });

            Assert.Equal(["postgres damaged 1"], report.Differences);
            Assert.Equal((0, 1), (report.Repaired, report.Unrepairable));
        }
        finally
        {
            await services.SqlAsync("update memory_vectors v set embedding = s.embedding from saved s where v.id = s.id; drop table saved");
        }

        RunReport.AssertFound(await services.ReconcileAsync(new { deep = true }), 0);
    }

    private async Task<string> Source(MemoryId id)
    {
        using var response = await services.Client.GetAsync($"/v1/memories/{id}", Services.Stop);
        return response.Headers.GetValues("Memory-Source").Single();
    }

    private static string InsertCopy(MemoryId from, MemoryId to) =>
        $"""
        insert into memories (partition, id, tenant, "user", agent, session, kind, content, metadata, importance, version, vector_version, position, digest, created_at, updated_at, expires_at)
        select partition, '{to}', tenant, "user", agent, session, kind, content, metadata, importance, 3, null, position, 12345, created_at, updated_at, expires_at
        from memories where id = '{from}'
        """;
}
