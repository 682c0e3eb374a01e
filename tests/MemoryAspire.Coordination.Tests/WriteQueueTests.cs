using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Coordination.Database;
using MemoryAspire.Coordination.Groups;
using MemoryAspire.Postgres.Log;
using MemoryAspire.Postgres.Schema;
using MemoryAspire.Postgres.Writes;

namespace MemoryAspire.Coordination.Tests;

public sealed class WriteQueueTests
{
    private static readonly DatabaseState Database = new(new LogHeads(new Incarnation(1), new long[Partition.Count]), new Generation(1, "model", 1));

    [Fact]
    public void Tenants_take_turns_whatever_one_of_them_brings()
    {
        using var queue = new WriteQueue(1000, 1000);
        for (var at = 0; at < 100; at++) Assert.True(queue.TryAdd(Write("flood")));
        Assert.True(queue.TryAdd(Write("quiet")));

        var group = queue.Take(4);

        Assert.Equal(["flood", "quiet", "flood", "flood"], group.Select(write => write.Transaction.Tenant));
    }

    [Fact]
    public void A_tenants_writes_keep_their_order()
    {
        using var queue = new WriteQueue(1000, 1000);
        var writes = Enumerable.Range(0, 10).Select(_ => Write("a")).ToList();
        foreach (var write in writes) queue.TryAdd(write);

        Assert.Equal(writes, [.. queue.Take(3), .. queue.Take(100)]);
        Assert.Empty(queue.Take(100));
    }

    [Fact]
    public void One_tenant_cannot_fill_the_queue_for_the_others()
    {
        using var queue = new WriteQueue(waitingMax: 10, waitingPerTenantMax: 5);
        for (var at = 0; at < 5; at++) Assert.True(queue.TryAdd(Write("flood")));

        Assert.False(queue.TryAdd(Write("flood")));
        for (var at = 0; at < 5; at++) Assert.True(queue.TryAdd(Write("quiet")));
        Assert.False(queue.TryAdd(Write("third")));
        Assert.Equal(10, queue.Waiting);
    }

    [Fact]
    public void A_write_larger_than_a_group_goes_alone()
    {
        using var queue = new WriteQueue(10, 10);
        Assert.True(queue.TryAdd(Write("a", operations: 50)));
        Assert.False(queue.TryAdd(Write("a")));

        Assert.Equal(50, Assert.Single(queue.Take(5)).Transaction.Operations.Count);
        Assert.Equal(0, queue.Waiting);
    }

    [Fact]
    public void A_key_is_in_a_group_once()
    {
        using var queue = new WriteQueue(100, 100);
        foreach (var tenant in new[] { "a", "a", "b" }) queue.TryAdd(Write(tenant, key: "k"));

        Assert.Equal(["a", "b"], queue.Take(100).Select(write => write.Transaction.Tenant));
        Assert.Equal(["a"], queue.Take(100).Select(write => write.Transaction.Tenant));
    }

    [Fact]
    public async Task Waiting_ends_when_something_comes_and_once_more_when_something_is_left()
    {
        using var queue = new WriteQueue(100, 100);
        var waiting = queue.WaitAsync(TestContext.Current.CancellationToken);
        Assert.False(waiting.IsCompleted);
        queue.TryAdd(Write("a"));
        queue.TryAdd(Write("a"));
        await waiting;

        queue.Take(1);

        await queue.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Single(queue.Take(1));
    }

    private static PendingWrite Write(string tenant, int operations = 1, string? key = null)
    {
        var operation = new WriteOperation.Delete(MemoryId.Create(new Partition(0), DateTimeOffset.UnixEpoch, new Random(1)));
        var transaction = new WriteTransaction(
            Guid.CreateVersion7(), tenant, "tester", "model", [.. Enumerable.Repeat(operation, operations)], key is null ? null : new IdempotencyKey(key, new byte[1]));
        return new PendingWrite(transaction, Database, 0, CancellationToken.None);
    }
}
