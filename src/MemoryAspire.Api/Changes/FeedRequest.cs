using MemoryAspire.Api.Problems;
using MemoryAspire.Api.Requests;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Postgres.Log;
using MemoryAspire.Postgres.Memories;

namespace MemoryAspire.Api.Changes;

/// <summary>What a reader asks the feed for.</summary>
/// <param name="After">Where it begins; null: now.</param>
/// <param name="AfterField">Who said so.</param>
internal sealed record FeedRequest(MemorySelection Selection, FeedFormat Format, string? After, string AfterField)
{
    private const string ResumeHeader = "Last-Event-ID";

    private const string AfterParameter = "after";

    /// <summary>The beginning of the log.</summary>
    private const string Beginning = "0";

    public static FeedRequest Read(HttpRequest request, string tenant)
    {
        var selection = new MemorySelection(tenant, QueryFields.Scope(request), QueryFields.Kind(request), FilterFields.Filter(request));

        // A browser that connects again repeats the URL of the first time, so the header knows better.
        var resumed = request.Headers[ResumeHeader].ToString();
        if (resumed.Length > 0) return new FeedRequest(selection, FormatOf(request), resumed, ResumeHeader);
        return new FeedRequest(selection, FormatOf(request), request.Query.TryGetValue(AfterParameter, out var after) ? after.ToString() : null, AfterParameter);
    }

    /// <summary>Where that is in a log with these heads, and the round up to them begun.</summary>
    /// <exception cref="Refusal">400: the token was not issued by this database.</exception>
    public FeedCursor Start(LogHeads heads)
    {
        // A user's memories are in one partition; the others need not be read.
        IReadOnlyList<Partition> partitions = Selection.Scope.User is { } user ? [Partition.Of(Selection.Tenant, user)] : Partition.All;
        var empty = ConsistencyToken.Empty(heads.Incarnation);
        var token = After switch
        {
            null => empty.Seeing(partitions.Select(partition => KeyValuePair.Create(partition, heads[partition]))),
            Beginning => empty,
            _ => ConsistencyToken.TryParse(After, out var given) ? given : throw NotIssuedHere(),
        };
        var cursor = new FeedCursor(token, partitions);
        if (!cursor.Fits(heads)) throw NotIssuedHere();
        cursor.Begin(heads);
        return cursor;
    }

    private static FeedFormat FormatOf(HttpRequest request)
    {
        var accepted = request.Headers.Accept.ToString();
        return accepted.Contains(FeedFormat.Lines.ContentType, StringComparison.OrdinalIgnoreCase)
            && !accepted.Contains(FeedFormat.Events.ContentType, StringComparison.OrdinalIgnoreCase)
            ? FeedFormat.Lines
            : FeedFormat.Events;
    }

    private Refusal NotIssuedHere() => Refusal.BadRequest(AfterField, "was not issued by this database.");
}
