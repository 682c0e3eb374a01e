using MemoryAspire.Contracts.Positions;
using MemoryAspire.Index.Snapshots;
using MemoryAspire.Index.Volumes;
using Microsoft.Extensions.Logging;
using static MemoryAspire.Index.Tests.Events;

namespace MemoryAspire.Index.Tests;

public sealed class SnapshotTests
{
    private static readonly float[] East = [1, 0, 0, 0], North = [0, 1, 0, 0];

    [Fact]
    public async Task A_restart_finds_everything_and_goes_on()
    {
        await using var harness = await Harness.OpenAsync(16, options => options.ScanMax = 0);
        var vectors = new Vectors(16, 1);
        await harness.ApplyAsync([.. Enumerable.Range(1, 3_000).Select(i => Put(Id(i, 9), i, vectors.Next(), scope: new($"u{i % 7}"), digest: (ulong)i))]);
        await harness.ApplyAsync(Gone(Id(5, 9), 3_001));
        var query = Query(vectors.Next(), 20);
        var before = harness.Search(query);
        var status = harness.Index.Status;
        await harness.ReopenAsync();
        Assert.Equal(before.Hits, harness.Search(query).Hits);
        Assert.Equal(status.Partitions, harness.Index.Status.Partitions);
        Assert.Equal((2_999L, 2_999L), (harness.Index.Status.Memories, harness.Index.Status.Vectors));
        await harness.ApplyAsync(Put(Id(1, 9), 3_002, query.Vector.ToArray(), version: 2));
        Assert.Equal(Id(1, 9), harness.Search(query).Hits[0].Id);
    }

    [Fact]
    public async Task Every_byte_changed_or_cut_costs_the_snapshot_and_nothing_else()
    {
        await using var harness = await Harness.OpenAsync(2);
        await harness.ApplyAsync(Put(Id(1), 1, [1, 0], scope: new("ü"), expires: 99), Put(Id(2), 2, [0, 1]), Put(Id(3), 3, null), Gone(Id(2), 4));
        await harness.Index.SnapshotAsync(Stop);
        var bytes = await File.ReadAllBytesAsync(Path.Combine(harness.Options.Directory, SnapshotFormat.FileName), Stop);
        Assert.InRange(bytes.Length, 100, 16 * 1024);
        AssertReads(bytes, harness.Options);
        for (var i = 0; i < bytes.Length; i++)
        {
            var changed = bytes.ToArray();
            changed[i] ^= (byte)(1 << (i % 8));
            AssertUnreadable(changed, harness.Options);
            changed[i] = (byte)~bytes[i];
            AssertUnreadable(changed, harness.Options);
            AssertUnreadable(bytes[..i], harness.Options);
        }

        AssertUnreadable([.. bytes, 0], harness.Options);
    }

    [Fact]
    public async Task A_deleted_memorys_vector_is_gone_from_results_at_once_and_from_disk_after_compaction()
    {
        await using var harness = await Harness.OpenAsync(16);
        var vectors = new Vectors(16, 1);
        var secret = vectors.Next();
        await harness.ApplyAsync([Put(Id(1), 1, secret), .. Enumerable.Range(2, 1_999).Select(i => Put(Id(i), i, vectors.Next()))]);
        await harness.Index.SnapshotAsync(Stop);
        Assert.True(await IsOnDiskAsync(harness, secret));

        await harness.ApplyAsync(Gone(Id(1), 2_001));
        Assert.DoesNotContain(Id(1), harness.Search(Query(secret, 2_000)).Ids());

        // Enough dead nodes make the graph leave them behind.
        await harness.ApplyAsync([.. Enumerable.Range(2, 1_200).Select(i => Gone(Id(i), 2_000 + i))]);
        var position = 3_202;
        for (var attempt = 0; attempt < 200; attempt++)
        {
            await harness.ApplyAsync(Put(Id(5_000 + attempt), position++, vectors.Next()));
            await harness.Index.SnapshotAsync(Stop);
            if (!await IsOnDiskAsync(harness, secret)) return;
            await Task.Delay(50, Stop);
        }

        Assert.Fail("The vector is still on disk.");
    }

    [Fact]
    public async Task A_damaged_snapshot_means_an_empty_index_that_follows_from_the_beginning()
    {
        await using var harness = await Harness.OpenAsync();
        await harness.ApplyAsync(Put(Id(1), 1, East));
        await harness.Index.DisposeAsync();
        var path = Path.Combine(harness.Options.Directory, SnapshotFormat.FileName);
        var bytes = await File.ReadAllBytesAsync(path, Stop);
        bytes[^20] ^= 1;
        await File.WriteAllBytesAsync(path, bytes, Stop);
        await harness.ReopenAsync();
        Assert.Null(harness.Index.Identity);
        Assert.Equal(default, harness.Index.Status.Partitions[0]);
        Assert.Contains(harness.Logger.Collector.GetSnapshot(), record => record.Level == LogLevel.Warning);
        await harness.Index.AdoptAsync(new IndexIdentity(Harness.Incarnation, Harness.Generation, 4), Stop);
        await harness.ApplyAsync(Put(Id(1), 1, East));
        Assert.Single(harness.Search(Query(East)).Hits);
    }

    [Fact]
    public async Task A_full_disk_leaves_the_former_snapshot_and_the_next_try_succeeds()
    {
        await using var harness = await Harness.OpenAsync();
        await harness.ApplyAsync(Put(Id(1), 1, East));
        Assert.True(await harness.Index.SnapshotAsync(Stop));
        var path = Path.Combine(harness.Options.Directory, SnapshotFormat.FileName);
        var former = await File.ReadAllBytesAsync(path, Stop);
        await harness.ApplyAsync(Put(Id(2), 2, North));
        harness.Volume!.Room = 100;
        Assert.False(await harness.Index.SnapshotAsync(Stop));
        Assert.Equal(former, await File.ReadAllBytesAsync(path, Stop));
        Assert.Contains(harness.Logger.Collector.GetSnapshot(), record => record.Level == LogLevel.Error);
        Assert.Empty(Directory.GetFiles(harness.Options.Directory, "*.new"));
        harness.Volume.Room = null;
        Assert.True(await harness.Index.SnapshotAsync(Stop));
        await harness.ReopenAsync();
        Assert.Equal(2, harness.Index.Status.Memories);
    }

    [Fact]
    public async Task What_changed_is_written_at_the_interval()
    {
        await using var harness = await Harness.OpenAsync(configure: options => options.SnapshotInterval = TimeSpan.FromSeconds(30));
        await harness.ApplyAsync(Put(Id(1), 1, East));
        var path = Path.Combine(harness.Options.Directory, SnapshotFormat.FileName);
        harness.Time.Advance(TimeSpan.FromSeconds(31));
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!File.Exists(path)) await Task.Delay(10, bound.Token);
    }

    [Fact]
    public async Task A_second_process_is_refused_and_told_by_whom()
    {
        await using var harness = await Harness.OpenAsync();
        var refused = Assert.Throws<IndexDirectoryInUseException>(() => new DirectoryLock(harness.Options.Directory));
        Assert.Contains($"process {Environment.ProcessId}", refused.Message, StringComparison.Ordinal);
        await harness.Index.DisposeAsync();
        new DirectoryLock(harness.Options.Directory).Dispose();
        await harness.ReopenAsync();
    }

    [Fact]
    public async Task A_dead_process_leaves_no_half_made_file_in_the_way()
    {
        await using var harness = await Harness.OpenAsync();
        await harness.ApplyAsync(Put(Id(1), 1, East));
        await File.WriteAllTextAsync(Path.Combine(harness.Options.Directory, SnapshotFormat.FileName + ".new"), "torn", Stop);
        await harness.ReopenAsync();
        Assert.Equal(1, harness.Index.Status.Memories);
    }

    private static void AssertReads(byte[] bytes, IndexOptions options)
    {
        var contents = SnapshotReader.Read(new MemoryStream(bytes), options);
        Assert.Equal(2, contents.Status().Memories);
        Assert.Equal(new Position(4), contents.Applied(new(0)));
        contents.Close();
    }

    private static void AssertUnreadable(byte[] bytes, IndexOptions options) =>
        Assert.Throws<InvalidDataException>(() => SnapshotReader.Read(new MemoryStream(bytes), options));

    private static async Task<bool> IsOnDiskAsync(Harness harness, float[] vector)
    {
        var bytes = System.Runtime.InteropServices.MemoryMarshal.AsBytes(vector.AsSpan()).ToArray();
        foreach (var file in Directory.GetFiles(harness.Options.Directory))
        {
            // The lock file is held open by the index and has nothing in it.
            if (Path.GetFileName(file) != "index.lock" && (await File.ReadAllBytesAsync(file, Stop)).AsSpan().IndexOf(bytes) >= 0) return true;
        }

        return false;
    }
}
