using System.Globalization;
using System.IO.Hashing;
using System.Text;
using MemoryAspire.Contracts.Identity;
using StackExchange.Redis;

namespace MemoryAspire.Reconciliation.Tests;

/// <summary>Values of Redis that were changed by its own commands.</summary>
[Collection("stack")]
public sealed class RedisDamageTests(Services services)
{
    private IDatabase Redis => services.Redis.GetDatabase();

    [Fact]
    public async Task A_value_of_a_memory_that_does_not_exist_is_removed()
    {
        var id = await CachedAsync("Ada drinks Assam.");
        var ghost = MemoryId.Create(id.Partition, TimeProvider.System.GetUtcNow(), new Random(7));
        await Redis.HashSetAsync(Services.KeyOf(ghost), await Redis.HashGetAllAsync(Services.KeyOf(id)));
        await Redis.KeyExpireAsync(Services.KeyOf(ghost), TimeSpan.FromMinutes(5));

        RunReport.AssertFound(await services.ReconcileAsync(), 1, "redis orphan 1");

        Assert.False(await Redis.KeyExistsAsync(Services.KeyOf(ghost)));
        Assert.True(await Redis.KeyExistsAsync(Services.KeyOf(id)));
    }

    [Fact]
    public async Task An_older_version_is_removed()
    {
        var id = await CachedAsync("Ada drinks Darjeeling.");
        var old = await Redis.HashGetAllAsync(Services.KeyOf(id));
        await services.PatchAsync(id, new { content = "Ada drinks Ceylon." });
        await Redis.HashSetAsync(Services.KeyOf(id), old);

        RunReport.AssertFound(await services.ReconcileAsync(), 1, "redis stale 1");

        Assert.Equal("Ada drinks Ceylon.", (await services.GetAsync($"/v1/memories/{id}")).GetProperty("content").GetString());
    }

    [Fact]
    public async Task A_content_that_changed_with_its_digest_is_removed()
    {
        var id = await CachedAsync("Ada drinks Oolong.");
        await RewriteAsync(id, "Oolong", "poison");
        Assert.Equal("Ada drinks poison.", (await services.GetAsync($"/v1/memories/{id}")).GetProperty("content").GetString());

        RunReport.AssertFound(await services.ReconcileAsync(), 1, "redis changed 1");

        Assert.Equal("Ada drinks Oolong.", (await services.GetAsync($"/v1/memories/{id}")).GetProperty("content").GetString());
    }

    [Fact]
    public async Task Bytes_that_are_not_what_their_digest_says_are_removed()
    {
        var id = await CachedAsync("Ada drinks Sencha.");
        await Redis.HashSetAsync(Services.KeyOf(id), "j", "{}");

        RunReport.AssertFound(await services.ReconcileAsync(), 1, "redis damaged 1");

        Assert.False(await Redis.KeyExistsAsync(Services.KeyOf(id)));
    }

    [Fact]
    public async Task What_is_no_value_at_all_is_removed()
    {
        var id = await services.CreateAsync("Ada drinks Matcha.");
        await Redis.KeyDeleteAsync(Services.KeyOf(id));
        await Redis.StringSetAsync(Services.KeyOf(id), "tea", TimeSpan.FromMinutes(5));
        await Redis.StringSetAsync("memory:{7}:nobody", "tea", TimeSpan.FromMinutes(5));

        RunReport.AssertFound(await services.ReconcileAsync(), 2, "redis damaged 2");

        Assert.False(await Redis.KeyExistsAsync(Services.KeyOf(id)));
        Assert.False(await Redis.KeyExistsAsync("memory:{7}:nobody"));
    }

    [Fact]
    public async Task A_value_without_a_time_to_live_is_given_one()
    {
        var id = await CachedAsync("Ada drinks Rooibos.");
        await Redis.KeyPersistAsync(Services.KeyOf(id));

        RunReport.AssertFound(await services.ReconcileAsync(), 1, "redis endless 1");

        Assert.InRange((await Redis.KeyTimeToLiveAsync(Services.KeyOf(id)))!.Value, TimeSpan.FromMinutes(59), TimeSpan.FromMinutes(60));
    }

    [Fact]
    public async Task Only_looking_removes_nothing()
    {
        var id = await CachedAsync("Ada drinks Pu-erh.");
        await RewriteAsync(id, "Pu-erh", "poison");

        RunReport.AssertFound(await services.ReconcileAsync(new { repair = "none", tiers = new[] { "redis" } }), 0, "redis changed 1");
        Assert.True(await Redis.KeyExistsAsync(Services.KeyOf(id)));
        RunReport.AssertFound(await services.ReconcileAsync(new { tiers = new[] { "redis" } }), 1, "redis changed 1");
    }

    /// <summary>A memory whose value is in Redis.</summary>
    private async Task<MemoryId> CachedAsync(string content)
    {
        var id = await services.CreateAsync(content);
        Assert.True(await Redis.KeyExistsAsync(Services.KeyOf(id)));
        return id;
    }

    /// <summary>Changes a value as somebody would who knows its format.</summary>
    private async Task RewriteAsync(MemoryId id, string from, string to)
    {
        var json = ((string)(await Redis.HashGetAsync(Services.KeyOf(id), "j"))!).Replace(from, to, StringComparison.Ordinal);
        var digest = XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(json)).ToString("x16", CultureInfo.InvariantCulture);
        await Redis.HashSetAsync(Services.KeyOf(id), [new("j", json), new("d", digest)]);
    }
}
