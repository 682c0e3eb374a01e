using Grpc.Core;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Index;
using MemoryAspire.TestStores;

namespace MemoryAspire.IndexService.Tests;

public sealed class PrepareTests(StoresFixture stores) : ServiceTest(stores)
{
    private static readonly Guid First = Guid.CreateVersion7(), Second = Guid.CreateVersion7();

    [Fact]
    public async Task Each_transaction_has_its_own_vote()
    {
        var request = Prepare(First, NewId(), 1, 0, 0);
        request.Transactions.Add(Prepare(Second, NewId(), 1, 0).Transactions);
        request.Transactions.Add(new PrepareRequest.Types.Transaction { Id = Bytes(Guid.CreateVersion7()) });
        var votes = (await Service.PrepareAsync(request)).Votes.Select(vote => vote.Refusal).ToList();
        Assert.Equal(["", "A vector has 3 dimensions, 4 bytes each.", ""], votes);
    }

    [Fact]
    public async Task A_full_index_votes_no_and_takes_what_it_voted_yes_for()
    {
        await Service.StopAsync();
        await Service.DisposeAsync();
        Service = await ServiceProcess.StartAsync(Folder, ConnectionString, ("Index__CapacityMax", "1"));
        await Service.WaitUntilReadyAsync();

        Assert.Equal("", await VoteAsync(Prepare(First, NewId(), 1, 0, 0)));
        Assert.Contains("capacity", await VoteAsync(Prepare(Second, NewId(), 0, 1, 0)), StringComparison.Ordinal);
        await Service.AbortAsync(new AbortRequest { Incarnation = Incarnation, Generation = 1, Transactions = { Bytes(First) } });
        Assert.Equal("", await VoteAsync(Prepare(Second, NewId(), 0, 1, 0)));

        // What came of it was one memory less than asked for: nothing stays reserved.
        await Service.ApplyAsync(new ApplyRequest { Incarnation = Incarnation, Generation = 1, Transactions = { Bytes(Second) } });
        Assert.Equal("", await VoteAsync(Prepare(First, NewId(), 1, 0, 0)));

        var written = await WriteAsync([1, 0, 0]);
        await Service.WaitUntilAsync(status => status.Vectors == 1);
        Assert.Contains("capacity", await VoteAsync(Prepare(Second, NewId(), 0, 1, 0)), StringComparison.Ordinal);
        Assert.Equal("", await VoteAsync(Prepare(Second, written[0].Id, 0, 1, 0)));
    }

    [Fact]
    public async Task An_index_that_is_not_there_is_unavailable_and_no_vote()
    {
        await Service.StopAsync();
        var refused = await Assert.ThrowsAsync<RpcException>(() => Service.PrepareAsync(Prepare(First, NewId(), 1, 0, 0)));
        Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
    }

    private async Task<string> VoteAsync(PrepareRequest request) => Assert.Single((await Service.PrepareAsync(request)).Votes).Refusal;

    private MemoryId NewId() => MemoryId.Create(Partition.Any(Random), DateTimeOffset.UtcNow, Random);
}
