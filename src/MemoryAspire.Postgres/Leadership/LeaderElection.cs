using Npgsql;

namespace MemoryAspire.Postgres.Leadership;

/// <summary>
/// Elects one leader among the processes that stand for a name; the others are on standby. A leader that dies, is cut off or
/// freezes is replaced within 10 s.
/// </summary>
public sealed class LeaderElection(NpgsqlDataSource dataSource, TimeProvider time)
{
    /// <summary>How often a process on standby tries.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Stands for election until elected.</summary>
    /// <param name="holder">Who that is, for people who look.</param>
    /// <param name="standing">Called whenever another process was found to lead.</param>
    /// <exception cref="NpgsqlException">PostgreSQL cannot be reached.</exception>
    public async Task<LeaderTerm> WinAsync(string name, string holder, Action standing, CancellationToken cancellationToken)
    {
        var session = await LeaderSession.OpenAsync(dataSource, name, cancellationToken);
        try
        {
            while (!await session.TryLockAsync(cancellationToken))
            {
                standing();
                await Task.Delay(Interval, time, cancellationToken);
            }

            return new LeaderTerm(session, name, await session.BeginEpochAsync(holder, cancellationToken));
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }
}
