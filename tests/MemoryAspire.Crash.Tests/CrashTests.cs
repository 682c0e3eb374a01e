using MemoryAspire.Crash.Tests.Stacks;
using MemoryAspire.Crash.Tests.Writes;

namespace MemoryAspire.Crash.Tests;

/// <summary>
/// Real processes; one is killed at a step of a commit. Whatever was acknowledged is there, nothing is there by half, and the
/// three tiers come to hold the same.
/// </summary>
public sealed class CrashTests(CrashStack stack) : IClassFixture<CrashStack>
{
    private const int WritesBefore = 5;
    private const int Clients = 6;
    private const int WritesPerClient = 8;

    public static TheoryData<string, string> Cells => [.. CrashCell.All.Select(cell => (cell.Step, cell.Victim))];

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Killed_at_a_step_nothing_acknowledged_is_lost_and_nothing_is_half_there(string step, string victim)
    {
        var cell = new CrashCell(step, victim);
        var writer = new Writer($"{step}-{victim}", seed: step.Length * 100 + victim.Length);
        await stack.ArmAsync(cell, WritesBefore + 1);
        await writer.WriteAsync(stack.Client, writer.Workload.First());
        for (var i = 1; i < WritesBefore; i++) Assert.True((await writer.WriteAsync(stack.Client, writer.Workload.Next(writer.Model))).IsAcknowledged);
        var before = writer.Model.Memories.ToList();

        var doomed = writer.Workload.Transaction(writer.Model);
        var told = await writer.WriteAsync(stack.Client, doomed, key: writer.Workload.Users[0]);
        if (told.IsAcknowledged && cell.IsBeforeDelivery && victim is Victim.Redis or Victim.Index) Assert.Contains($"{victim}=pending", told.Tiers, StringComparison.Ordinal);
        var meanwhile = victim == Victim.Api ? "no answer" : await MeanwhileAsync(cell, before.First(memory => !doomed.Operations.Any(operation => operation.Touches(memory.Id))));
        await stack.RecoverAsync(victim);

        var doubtful = writer.Doubtful is not null;
        writer.Compare(await stack.Tiers.Postgres.ReadAsync());
        var isStored = !before.SequenceEqual(writer.Model.Memories);
        if (!doubtful) Assert.Equal(told.IsAcknowledged, isStored);
        await AssertEverywhereAsync(writer);

        var repeated = await stack.Client.WriteAsync(doomed, key: writer.Workload.Users[0]);
        Assert.True(repeated.IsAcknowledged, $"Repeated, it was answered with {repeated}.");
        Assert.Equal(isStored, repeated.Replayed);
        if (!isStored) writer.Model.Apply(doomed, repeated.Ids);
        writer.Compare(await stack.Tiers.Postgres.ReadAsync());

        stack.Table.Record(cell, new CrashRow(cell, cell.Describe(told), isStored ? "all" : "nothing", meanwhile, repeated.Replayed ? "the same answer" : "stored"));
    }

    [Theory]
    [InlineData("planned", Victim.Api, 1)]
    [InlineData("committed", Victim.Postgres, 2)]
    [InlineData("redis-applied", Victim.Api, 3)]
    [InlineData("prepared", Victim.Redis, 4)]
    [InlineData("committed", Victim.Index, 5)]
    public async Task Killed_under_load_nothing_acknowledged_is_lost_and_nothing_is_half_there(string step, string victim, int seed)
    {
        var writers = Enumerable.Range(0, Clients).Select(client => new Writer($"load-{seed}-{client}", (seed * 100) + client)).ToList();
        await stack.ArmAsync(new CrashCell(step, victim), new Random(seed).Next(5, 15));
        await Task.WhenAll(writers.Select(WriteManyAsync));
        await stack.RecoverAsync(victim);

        var stored = await stack.Tiers.Postgres.ReadAsync();
        foreach (var writer in writers)
        {
            writer.Compare(stored);
            await AssertEverywhereAsync(writer);
        }
    }

    [Fact]
    public void The_documented_table_has_a_row_for_every_step_and_victim()
    {
        Assert.SkipWhen(stack.Table.IsUpdated, "This run writes it.");
        Assert.Equal(
            CrashCell.All.Select(cell => $"| {cell.Step} | {cell.Victim} |"),
            stack.Table.Documented().Select(row => string.Concat(row.Split('|')[..3].Select(cell => cell + "|"))));
    }

    /// <summary>What a write is told while the victim is away; and reads go on.</summary>
    private async Task<string> MeanwhileAsync(CrashCell cell, MemoryState bystander)
    {
        var other = new Writer($"meanwhile-{cell.Step}-{cell.Victim}", seed: 1);
        var told = await other.WriteAsync(stack.Client, new Write(other.Workload.Create()));
        if (told.IsAcknowledged && cell.Victim is Victim.Redis or Victim.Index) Assert.Contains($"{cell.Victim}=pending", told.Tiers, StringComparison.Ordinal);
        Assert.Equal(bystander, await stack.Client.FindAsync(bystander.Id));
        return told.ToString();
    }

    private async Task WriteManyAsync(Writer writer)
    {
        var begun = await writer.WriteAsync(stack.Client, writer.Workload.First());
        for (var i = 1; i < WritesPerClient && begun.IsAcknowledged && writer.Doubtful is null; i++)
        {
            await writer.WriteAsync(stack.Client, writer.Workload.Next(writer.Model));
        }
    }

    /// <summary>PostgreSQL, Redis and the index hold the same, and so do the answers by id and by search.</summary>
    private async Task AssertEverywhereAsync(Writer writer)
    {
        await stack.Tiers.AssertEqualAsync([.. writer.Model.Memories.Select(memory => memory.Id), .. writer.Model.Deleted]);
        foreach (var memory in writer.Model.Memories) Assert.Equal(memory, await stack.Client.FindAsync(memory.Id));
        foreach (var id in writer.Model.Deleted) Assert.Null(await stack.Client.FindAsync(id));
        foreach (var user in writer.Workload.Users)
        {
            var found = await stack.Client.SearchAsync(user);
            Assert.Equal(writer.Model.Memories.Where(memory => memory.User == user), found.OrderBy(memory => memory.Id, StringComparer.Ordinal));
        }
    }
}
