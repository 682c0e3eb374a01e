using MemoryAspire.Contracts.Identity;
using MemoryAspire.Redis.Scripts;
using StackExchange.Redis;

namespace MemoryAspire.Redis.Sessions;

/// <summary>
/// The sessions of one Redis, which has nothing but them: they are lost with it. Every method throws what StackExchange.Redis throws
/// when Redis is away.
/// </summary>
public sealed class SessionStore(IConnectionMultiplexer redis, TimeProvider time)
{
    private IDatabase Database => redis.GetDatabase();

    /// <summary>What a draft would take of the bytes that a session may have.</summary>
    public static long BytesOf(SessionDraft draft) =>
        SessionFormat.Encode(draft.State).Length + draft.Messages.Sum(message => (long)SessionFormat.Encode(message).Length);

    /// <param name="ifMatch">The version that must be there; null: any, or none.</param>
    public async Task<SessionOutcome> PutAsync(SessionName name, SessionDraft draft, long? ifMatch)
    {
        var messages = draft.Messages.Select(message => (RedisValue)SessionFormat.Encode(message)).ToList();
        var state = SessionFormat.Encode(draft.State);
        var reply = await EvaluateAsync(
            Script.SessionPut,
            [Keys.Session(name.Tenant, name.Name), Keys.Due(name.Partition), Keys.Aside(name.Partition, Guid.CreateVersion7(time.GetUtcNow()))],
            [
                Version(ifMatch), (long)draft.Ttl.TotalMilliseconds, draft.Policy is null ? 0 : (long)draft.Kept.TotalMilliseconds, draft.MessagesMax,
                draft.Policy is { } policy ? SessionFormat.Encode(policy) : RedisValue.EmptyString, name.Tenant, name.Name, state,
                state.Length + messages.Sum(message => message.Length()), .. messages,
            ]);
        if (Refused(reply) is { } refused) return refused;
        var expiresAt = SessionFormat.Time((long)reply[2]);
        var session = new Session(name, (long)reply[1], 0, draft.Messages, draft.State, draft.Ttl, draft.MessagesMax, draft.Policy, expiresAt);
        return new SessionOutcome.Done(session.Version, expiresAt, session, IsNew: (int)reply[3] == 1);
    }

    /// <summary>Reads the session, and lets it live its time again.</summary>
    public async Task<SessionOutcome> GetAsync(SessionName name) => Read(await EvaluateAsync(Script.SessionGet, KeysOf(name), []), isWhole: true);

    /// <param name="bytesMax">Of state and messages together; the oldest messages beyond are dropped.</param>
    /// <param name="messagesMax">From now on; null: as before.</param>
    /// <param name="isWhole">Whether the session is wanted.</param>
    public async Task<SessionOutcome> AppendAsync(
        SessionName name, IReadOnlyList<SessionMessage> messages, int? messagesMax, long bytesMax, long? ifMatch, bool isWhole) => Read(
        await EvaluateAsync(
            Script.SessionAppend,
            KeysOf(name),
            [Version(ifMatch), bytesMax, messagesMax is { } most ? most : RedisValue.EmptyString, isWhole ? 1 : 0, .. messages.Select(message => (RedisValue)SessionFormat.Encode(message))]),
        isWhole);

    public async Task<SessionOutcome> DeleteAsync(SessionName name, long? ifMatch)
    {
        var reply = await EvaluateAsync(Script.SessionDelete, KeysOf(name), [Version(ifMatch)]);
        return Refused(reply) ?? new SessionOutcome.Done(0);
    }

    /// <summary>Claims sessions that have expired and are to be promoted, up to so many of each partition; nobody else is given them meanwhile.</summary>
    public async Task<IReadOnlyList<(Partition Partition, string Key)>> ClaimAsync(TimeSpan lease, int countMax)
    {
        var database = Database;
        var replies = Partition.All
            .Select(partition => (partition, Reply: database.ScriptEvaluateAsync(Script.SessionClaim, [Keys.Due(partition)], [(long)lease.TotalMilliseconds, countMax])))
            .ToList();
        await Task.WhenAll(replies.Select(one => one.Reply));
        return [.. replies.SelectMany(one => ((string[])one.Reply.Result!).Select(key => (one.partition, key)))];
    }

    /// <summary>A claimed session; null when it lives again, is gone, or cannot be read.</summary>
    public async Task<ExpiredSession?> ReadExpiredAsync(Partition partition, string key) =>
        Read(await EvaluateAsync(Script.SessionExpired, [key, Keys.Due(partition)], []), isWhole: true) is SessionOutcome.Done { Session: { } session }
            ? new ExpiredSession(key, session)
            : null;

    /// <summary>Removes a session that was promoted, unless another is there by now.</summary>
    public Task RetireAsync(ExpiredSession expired) =>
        Database.ScriptEvaluateAsync(Script.SessionRetire, [expired.Key, Keys.Due(expired.Session.Name.Partition)], [expired.Session.Version]);

    private async Task<RedisResult[]> EvaluateAsync(string script, RedisKey[] keys, RedisValue[] arguments) =>
        (RedisResult[])(await Database.ScriptEvaluateAsync(script, keys, arguments))!;

    private static SessionOutcome Read(RedisResult[] reply, bool isWhole)
    {
        if (Refused(reply) is { } refused) return refused;
        var pairs = (RedisValue[])reply[1]!;
        if (!isWhole) return new SessionOutcome.Done((long)pairs[1], SessionFormat.Time((long)pairs[3]));

        // Damaged bytes are as good as none: a session is no promise.
        return SessionFormat.TryDecode(pairs, out var session)
            ? new SessionOutcome.Done(session.Version, session.ExpiresAt, session)
            : new SessionOutcome.Absent();
    }

    private static SessionOutcome? Refused(RedisResult[] reply) => (string)reply[0]! switch
    {
        "ok" => null,
        "absent" => new SessionOutcome.Absent(),
        "conflict" => new SessionOutcome.Conflict((long)reply[1]),
        "large" => new SessionOutcome.TooLarge(),
        var other => throw new InvalidOperationException($"A script answered {other}."),
    };

    private static RedisKey[] KeysOf(SessionName name) => [Keys.Session(name.Tenant, name.Name), Keys.Due(name.Partition)];

    private static RedisValue Version(long? version) => version is { } number ? number : RedisValue.EmptyString;
}
