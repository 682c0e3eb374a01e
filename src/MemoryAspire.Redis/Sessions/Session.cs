using System.Text.Json;

namespace MemoryAspire.Redis.Sessions;

/// <summary>A session as it is to be put.</summary>
/// <param name="State">A JSON object.</param>
/// <param name="Policy">A JSON object that says how it is promoted when it expires; null: it is not.</param>
/// <param name="Kept">How long it is kept after its expiry to be promoted; without a policy it is not kept.</param>
public sealed record SessionDraft(IReadOnlyList<SessionMessage> Messages, JsonElement State, TimeSpan Ttl, int MessagesMax, JsonElement? Policy, TimeSpan Kept);

/// <summary>A session as it is.</summary>
/// <param name="Version">Grows with every change.</param>
/// <param name="FirstMessage">The number of the first message; the others follow.</param>
/// <param name="ExpiresAt">By Redis's clock.</param>
public sealed record Session(
    SessionName Name,
    long Version,
    long FirstMessage,
    IReadOnlyList<SessionMessage> Messages,
    JsonElement State,
    TimeSpan Ttl,
    int MessagesMax,
    JsonElement? Policy,
    DateTimeOffset ExpiresAt);

/// <summary>What became of a call.</summary>
public abstract record SessionOutcome
{
    private SessionOutcome()
    {
    }

    /// <summary>It was done.</summary>
    /// <param name="Session">As it is now; null when it is gone, or was not asked for.</param>
    /// <param name="IsNew">True when there was none before.</param>
    public sealed record Done(long Version, DateTimeOffset? ExpiresAt = null, Session? Session = null, bool IsNew = false) : SessionOutcome;

    /// <summary>There is no such session.</summary>
    public sealed record Absent : SessionOutcome;

    /// <summary>It has another version than the caller expects.</summary>
    public sealed record Conflict(long Version) : SessionOutcome;

    /// <summary>What is to be appended has no room, even alone.</summary>
    public sealed record TooLarge : SessionOutcome;
}

/// <summary>A claimed session that has expired.</summary>
/// <param name="Key">Where it is.</param>
public sealed record ExpiredSession(string Key, Session Session);
