using System.Buffers;
using System.Text;
using System.Text.Json;
using MemoryAspire.Api.History;
using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Contracts.Positions;

namespace MemoryAspire.Api.Changes;

/// <summary>How a feed is written.</summary>
internal abstract class FeedFormat
{
    /// <summary>Server-sent events, as the HTML standard defines them.</summary>
    public static FeedFormat Events { get; } = new EventFormat();

    /// <summary>One JSON object per line.</summary>
    public static FeedFormat Lines { get; } = new LineFormat();

    public abstract string ContentType { get; }

    /// <param name="token">Where to resume after this event.</param>
    public abstract void Write(IBufferWriter<byte> output, MemoryEvent @event, ConsistencyToken token);

    /// <summary>What says that the feed is alive, where there is no event to send.</summary>
    /// <param name="token">Where to resume from here; null: as before.</param>
    public abstract void WritePulse(IBufferWriter<byte> output, ConsistencyToken? token);

    private static byte[] Encode(HistoryItem item) => JsonSerializer.SerializeToUtf8Bytes(item, MemoryJson.Options);

    private sealed class EventFormat : FeedFormat
    {
        public override string ContentType => "text/event-stream";

        public override void Write(IBufferWriter<byte> output, MemoryEvent @event, ConsistencyToken token)
        {
            var item = HistoryItem.Of(@event);
            output.Write(Encoding.UTF8.GetBytes($"event: {item.Type}\nid: {token}\ndata: "));

            // JSON has no line breaks of its own, so that one data line holds it.
            output.Write(Encode(item));
            output.Write("\n\n"u8);
        }

        /// <summary>
        /// A comment. An id beside it moves the place to resume without an event, so that what was looked at in vain
        /// is not looked at again.
        /// </summary>
        public override void WritePulse(IBufferWriter<byte> output, ConsistencyToken? token) =>
            output.Write(Encoding.UTF8.GetBytes(token is null ? ": heartbeat\n\n" : $": heartbeat\nid: {token}\n\n"));
    }

    private sealed class LineFormat : FeedFormat
    {
        public override string ContentType => "application/x-ndjson";

        public override void Write(IBufferWriter<byte> output, MemoryEvent @event, ConsistencyToken token)
        {
            output.Write(Encode(HistoryItem.Of(@event) with { Token = token.ToString() }));
            output.Write("\n"u8);
        }

        public override void WritePulse(IBufferWriter<byte> output, ConsistencyToken? token) => output.Write("\n"u8);
    }
}
