using System.Text.Json;
using System.Text.Json.Serialization;
using MemoryAspire.Api.Memories;
using MemoryAspire.Contracts.Memories;

namespace MemoryAspire.Api.Sessions;

/// <summary>The body of a PUT, for the description of the API; <see cref="SessionRequest"/> reads it.</summary>
/// <param name="Messages">The conversation so far, at most 1000; the newest of them when there are more than maxMessages.</param>
/// <param name="State">A JSON object: the scratchpad.</param>
/// <param name="TtlSeconds">How long the session lives after its last use.</param>
/// <param name="MaxMessages">1..1000: older messages are dropped.</param>
/// <param name="PromoteOnExpiry">How its messages become memories when it expires; absent: they do not.</param>
internal sealed record SessionBody(
    IReadOnlyList<MessageBody>? Messages = null,
    JsonElement? State = null,
    double? TtlSeconds = null,
    int? MaxMessages = null,
    PromotionPolicy? PromoteOnExpiry = null);

/// <summary>One message.</summary>
/// <param name="Role">1..64 UTF-16 units.</param>
/// <param name="Content">1..32768 UTF-16 units.</param>
/// <param name="At">Default: now.</param>
internal sealed record MessageBody(string Role, string Content, DateTimeOffset? At = null);

/// <summary>The body of an append: several messages, or the fields of one.</summary>
/// <param name="MaxMessages">From now on.</param>
internal sealed record AppendBody(
    IReadOnlyList<MessageBody>? Messages = null, string? Role = null, string? Content = null, DateTimeOffset? At = null, int? MaxMessages = null);

/// <summary>The body of a promotion.</summary>
/// <param name="Messages">The ids of the messages; absent: all of them.</param>
/// <param name="Scope">The memories' user and agent; their session is this one.</param>
/// <param name="Kind">Default: episodic.</param>
/// <param name="Importance">0..1; default 0.5.</param>
/// <param name="Metadata">Beside message (the id), role and at, which every one gets.</param>
/// <param name="Require">all: nothing is stored unless every tier votes to take it; default any.</param>
internal sealed record PromoteBody(
    IReadOnlyList<long>? Messages = null,
    Scope? Scope = null,
    MemoryKind? Kind = null,
    double? Importance = null,
    JsonElement? Metadata = null,
    string? Require = null);

/// <summary>How the messages of a session become memories when it expires.</summary>
/// <param name="Scope">As in a promotion; so are the others.</param>
internal sealed record PromotionPolicy(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Scope? Scope = null,
    MemoryKind Kind = MemoryKind.Episodic,
    double Importance = CreateRequest.ImportanceDefault,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] JsonElement? Metadata = null);

/// <summary>A session as it is now.</summary>
/// <param name="Session">Its name.</param>
/// <param name="ExpiresAt">By Redis's clock, unless it is used before.</param>
internal sealed record SessionState(
    string Session,
    IReadOnlyList<SessionItem> Messages,
    JsonElement State,
    double TtlSeconds,
    int MaxMessages,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] JsonElement? PromoteOnExpiry,
    DateTimeOffset ExpiresAt);

/// <summary>One message of a session.</summary>
/// <param name="Id">0, 1, 2, … in the order of the messages since the session was last put.</param>
internal sealed record SessionItem(long Id, string Role, string Content, DateTimeOffset At);

/// <summary>The answer to a promotion, in the order of the messages.</summary>
internal sealed record PromotionAnswer(IReadOnlyList<PromotedMessage> Results, Tiers Tiers);

/// <summary>What became of one message.</summary>
/// <param name="Message">Its id.</param>
/// <param name="Status">201: promoted now; 200: promoted before; 410: promoted before, and the memory is gone.</param>
internal sealed record PromotedMessage(
    long Message, int Status, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Memory? Memory);
