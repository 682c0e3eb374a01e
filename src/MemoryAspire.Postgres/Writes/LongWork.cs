using System.Text.Json;
using MemoryAspire.Postgres.Memories;
using Npgsql;

namespace MemoryAspire.Postgres.Writes;

/// <summary>Where work of several transactions stands.</summary>
public abstract record WorkState
{
    private WorkState()
    {
    }

    /// <summary>It is to be done, or gone on with.</summary>
    /// <param name="At">When it was first asked for, by PostgreSQL's clock: what came later is none of its business.</param>
    public sealed record Begun(DateTimeOffset At) : WorkState;

    /// <summary>It was done before, with this answer.</summary>
    public sealed record Done(JsonElement Answer) : WorkState;

    /// <summary>The key names another request.</summary>
    public sealed record KeyReused : WorkState;

    /// <summary>Somebody else is beginning it.</summary>
    public sealed record KeyInFlight : WorkState;
}

/// <summary>
/// Work of several transactions under one idempotency key: asked for again, it goes on from where it was, and once it is
/// done its answer is told again. Each transaction has a key of its own, so it happens once.
/// </summary>
public sealed class LongWork(NpgsqlDataSource dataSource)
{
    /// <summary>Between the work's key and a part's number, in the part's key: no client can send it.</summary>
    private const char Separator = '\u001f';

    /// <summary>The key of one part of the work.</summary>
    public static IdempotencyKey? PartOf(IdempotencyKey? whole, int number) => whole is null ? null : whole with { Text = $"{whole.Text}{Separator}{number}" };

    public async Task<WorkState> BeginAsync(string tenant, IdempotencyKey? key, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var kept = key is null ? null : await KeptAnswers.TakeAsync(transaction, tenant, key, cancellationToken);
        switch (kept)
        {
            case KeptAnswer.Reused: return new WorkState.KeyReused();
            case KeptAnswer.InFlight: return new WorkState.KeyInFlight();
            case KeptAnswer.Kept { Done: true } done: return new WorkState.Done(done.Answer);
            case KeptAnswer.Kept begun: return new WorkState.Begun(begun.Answer.GetDateTimeOffset());
        }

        var at = await ReadClockAsync(transaction, cancellationToken);
        if (key is not null) await KeptAnswers.KeepAsync(transaction, tenant, key, JsonSerializer.SerializeToElement(at), done: false, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new WorkState.Begun(at);
    }

    /// <summary>Keeps the answer of work that is done.</summary>
    public async Task FinishAsync(string tenant, IdempotencyKey? key, JsonElement answer, CancellationToken cancellationToken)
    {
        if (key is null) return;
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);

        // Somebody with the same key may have finished first, with the same answer.
        if (await KeptAnswers.TakeAsync(transaction, tenant, key, cancellationToken) is KeptAnswer.Kept { Done: true } or KeptAnswer.InFlight) return;
        await KeptAnswers.KeepAsync(transaction, tenant, key, answer, done: true, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task<DateTimeOffset> ReadClockAsync(NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select clock_timestamp()", transaction.Connection, transaction);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return reader.Time(0);
    }
}
