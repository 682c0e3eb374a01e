using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Index;

namespace MemoryAspire.Reconciliation.Tests;

/// <summary>Records of the index that are wrong, without an event that made them so.</summary>
[Collection("stack")]
public sealed class IndexDamageTests(Services services)
{
    [Fact]
    public async Task What_is_equal_is_found_equal()
    {
        await services.CreateAsync("Ada prefers tea.");

        var report = await services.ReconcileAsync(new { deep = true });

        RunReport.AssertFound(report, 0);
        var rows = await services.ScalarAsync<long>("select count(*) from memories");
        Assert.Equal((rows, rows, rows), (report.ComparedIn("postgres"), report.ComparedIn("index"), report.ComparedIn("deep")));
        Assert.True(report.ComparedIn("redis") > 0);
    }

    [Fact]
    public async Task A_record_that_the_index_lost_is_found_and_given_back()
    {
        var id = await services.CreateAsync("Ada climbs in the Dolomites.");
        var others = await DigestsAsync(id.Partition);
        await services.DamageIndexAsync(id, _ => null);
        Assert.Equal(0, (await services.InIndexAsync(id)).Version);

        RunReport.AssertFound(await services.ReconcileAsync(), 1, "index missing 1");

        Assert.Contains(id.ToString(), await services.SearchAsync("climbs Dolomites"));
        Assert.Equal(others, await DigestsAsync(id.Partition));
        RunReport.AssertFound(await services.ReconcileAsync(new { deep = true }), 0);
    }

    [Fact]
    public async Task A_record_that_never_existed_is_found_and_taken_out()
    {
        var model = await services.CreateAsync("Ada owns a boat.");
        var ghost = MemoryId.Create(model.Partition, TimeProvider.System.GetUtcNow(), new Random(4));
        var row = (await services.Rows.ReadAsync(model.Partition, [model], await services.ModelAsync(), Services.Stop)).Rows[model];
        await services.DamageIndexAsync(ghost, _ => row with { Record = row.Record with { Memory = row.Record.Memory with { Id = ghost } } });
        Assert.Equal(1, (await services.InIndexAsync(ghost)).Version);

        RunReport.AssertFound(await services.ReconcileAsync(), 1, "index orphan 1");

        Assert.Equal(0, (await services.InIndexAsync(ghost)).Version);
    }

    [Fact]
    public async Task A_record_that_fell_back_to_an_older_version_is_found_and_replaced()
    {
        var id = await services.CreateAsync("Ada has one cat.");
        await services.PatchAsync(id, new { content = "Ada has two cats." });
        await services.DamageIndexAsync(id, row => row! with { Record = row.Record with { Memory = row.Record.Memory with { Version = 1 }, Digest = 42 } });

        RunReport.AssertFound(await services.ReconcileAsync(), 1, "index stale 1");

        Assert.Equal(2, (await services.InIndexAsync(id)).Version);
    }

    [Fact]
    public async Task A_record_that_went_to_a_later_version_is_replaced_all_the_same()
    {
        var id = await services.CreateAsync("Ada has one horse.");
        await services.DamageIndexAsync(id, row => row! with { Record = row.Record with { Memory = row.Record.Memory with { Version = 9 }, Digest = 43 } });

        RunReport.AssertFound(await services.ReconcileAsync(), 1, "index stale 1");

        Assert.Equal(1, (await services.InIndexAsync(id)).Version);
    }

    [Fact]
    public async Task A_vector_that_changed_while_its_digest_did_not_is_found_by_the_stored_bytes()
    {
        var id = await services.CreateAsync("Ada plays the violin.");
        await services.CreateAsync("Ada sold her car.");
        await services.DamageIndexAsync(id, row => row! with { Record = row.Record with { Vector = Flip(row.Record.Vector) } });

        RunReport.AssertFound(await services.ReconcileAsync(), 0);
        RunReport.AssertFound(await services.ReconcileAsync(new { deep = true }), 1, "index changed 1");
        RunReport.AssertFound(await services.ReconcileAsync(new { deep = true }), 0);
        Assert.Equal(id.ToString(), (await services.SearchAsync("violin"))[0]);
    }

    [Fact]
    public async Task Many_differences_are_all_found_in_one_run()
    {
        var ids = new List<MemoryId>();
        for (var number = 0; number < 12; number++) ids.Add(await services.CreateAsync($"Ada's note number {number}.", $"user {number % 5}"));
        foreach (var id in ids.Take(7)) await services.DamageIndexAsync(id, _ => null);
        foreach (var id in ids.Skip(7)) await services.DamageIndexAsync(id, row => row! with { Record = row.Record with { Digest = 44 } });

        RunReport.AssertFound(await services.ReconcileAsync(), 12, "index changed 5", "index missing 7");
        RunReport.AssertFound(await services.ReconcileAsync(), 0);
    }

    [Fact]
    public async Task Only_looking_changes_nothing()
    {
        var id = await services.CreateAsync("Ada reads Pessoa.");
        await services.DamageIndexAsync(id, _ => null);

        RunReport.AssertFound(await services.ReconcileAsync(new { repair = "none" }), 0, "index missing 1");
        Assert.Equal(0, (await services.InIndexAsync(id)).Version);
        RunReport.AssertFound(await services.ReconcileAsync(), 1, "index missing 1");
    }

    [Fact]
    public async Task A_repair_at_another_position_than_the_partition_is_at_is_refused_and_a_held_one_is_not()
    {
        var id = await services.CreateAsync("Ada rides a bicycle.");
        var status = await services.Index.StatusAsync(new StatusRequest(), cancellationToken: Services.Stop);
        await services.DamageIndexAsync(id, _ => null);
        var at = status.Partitions[id.Partition.Value].Position;
        var past = new RepairRequest
        {
            Incarnation = status.Incarnation, Generation = status.Generation, At = new PartitionPosition { Partition = id.Partition.Value, Position = at - 1 },
        };
        Assert.True((await services.Repair.RepairAsync(past, cancellationToken: Services.Stop)).Refused);

        var held = new RepairHeldRequest { Incarnation = status.Incarnation, Generation = status.Generation, Partition = id.Partition.Value };
        held.Ids.Add(Coordination.Participants.IndexEvents.ToBytes(id));
        var reply = await services.Repair.RepairHeldAsync(held, cancellationToken: Services.Stop);

        Assert.Equal([RepairReply.Types.Outcome.Missing], reply.Outcomes);
        Assert.Equal(1, (await services.InIndexAsync(id)).Version);
        RunReport.AssertFound(await services.ReconcileAsync(new { deep = true }), 0);
    }

    [Fact]
    public async Task A_damaged_file_costs_a_rebuild_and_no_difference()
    {
        var id = await services.CreateAsync("Ada lives in Porto.");
        var file = Path.Combine(services.Stack.Index.Settings["Index__Directory"], "index.snapshot");
        await Services.UntilAsync(() => Task.FromResult(File.Exists(file)));
        await services.Stack.Index.StopAsync();
        var bytes = await File.ReadAllBytesAsync(file, Services.Stop);
        bytes[bytes.Length / 2] ^= 0x20;
        await File.WriteAllBytesAsync(file, bytes, Services.Stop);

        await services.Stack.Index.StartAsync();
        await services.Stack.WaitUntilHealthyAsync(Services.Stop);
        await services.InStepAsync();

        RunReport.AssertFound(await services.ReconcileAsync(new { deep = true }), 0);
        Assert.Equal(1, (await services.InIndexAsync(id)).Version);
    }

    private async Task<(long Count, ulong Digest)> DigestsAsync(Partition partition)
    {
        var status = await services.Index.StatusAsync(new StatusRequest(), cancellationToken: Services.Stop);
        return (status.Partitions[partition.Value].Count, status.Partitions[partition.Value].Digest);
    }

    private static byte[] Flip(ReadOnlyMemory<byte> vector)
    {
        var flipped = vector.ToArray();
        for (var part = 3; part < flipped.Length; part += sizeof(float)) flipped[part] ^= 0x80;
        return flipped;
    }
}
