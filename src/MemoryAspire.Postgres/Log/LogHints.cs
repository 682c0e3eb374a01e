using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace MemoryAspire.Postgres.Log;

/// <summary>
/// Tells followers that the log grew. Sent after COMMIT on a connection of its own and merged, because NOTIFY
/// inside a transaction would make all commits queue for one lock. A hint that is lost costs a poll interval.
/// </summary>
public sealed class LogHints(NpgsqlDataSource dataSource, TimeProvider time, ILogger<LogHints> logger) : BackgroundService
{
    /// <summary>The channel of NOTIFY.</summary>
    public const string Channel = "memory_log";

    /// <summary>Between two hints: what comes meanwhile shares the next one, so that hints cost the same whatever is written.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly Channel<bool> _pending = System.Threading.Channels.Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Asks for a hint to be sent; returns at once.</summary>
    public void Send() => _pending.Writer.TryWrite(true);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var _ in _pending.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                await using var command = dataSource.CreateCommand($"notify {Channel}");
                await command.ExecuteNonQueryAsync(stoppingToken);
                await Task.Delay(Pause, time, stoppingToken);
            }
            catch (NpgsqlException exception)
            {
                logger.HintNotSent(exception);
            }
        }
    }
}
