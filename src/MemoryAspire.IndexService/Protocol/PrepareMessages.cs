using MemoryAspire.Contracts.Index;
using MemoryAspire.Index.Reservations;

namespace MemoryAspire.IndexService.Protocol;

/// <summary>Reads proposals of the protocol and writes votes.</summary>
internal static class PrepareMessages
{
    /// <exception cref="Grpc.Core.RpcException">A field is wrong; it is named.</exception>
    public static VectorProposal Read(PrepareRequest.Types.Transaction message, int number)
    {
        var field = $"transactions[{number}]";
        return new VectorProposal(
            EventMessages.ReadTransaction(message.Id.Span, $"{field}.id"),
            [.. message.Items.Select((item, at) => Read(item, $"{field}.items[{at}]"))]);
    }

    public static PrepareReply Write(IEnumerable<string?> refusals)
    {
        var reply = new PrepareReply();
        reply.Votes.AddRange(refusals.Select(refusal => new PrepareReply.Types.Vote { Refusal = refusal ?? "" }));
        return reply;
    }

    private static ProposedVector Read(PrepareRequest.Types.Item item, string field) =>
        new(EventMessages.ReadId(item.Id.Span, $"{field}.id"), item.Removed ? default : item.Vector.Memory);
}
