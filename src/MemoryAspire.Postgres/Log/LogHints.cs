using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace MemoryAspire.Postgres.Log;

/// <summary>
/// Tells followers that the log grew. Sent after COMMIT on a connection of its own and merged, because NOTIFY
/// inside a transaction would make all commits queue for one lock. A hint that is lost costs a poll interval.
/// </summary>
public sealed class LogHints(NpgsqlDataSource dataSource, ILogger<LogHints> logger) : BackgroundService
{
    /// <summary>The channel of NOTIFY.</summary>
    public const string Channel = "memory_log";

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
            }
            catch (NpgsqlException exception)
            {
                logger.HintNotSent(exception);
            }
        }
    }
}
