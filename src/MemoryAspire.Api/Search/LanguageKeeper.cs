using MemoryAspire.Postgres.Schema;
using MemoryAspire.Postgres.Searching;
using MemoryAspire.ServiceDefaults.Resilience;

namespace MemoryAspire.Api.Search;

/// <summary>Brings the contents to the configured language once PostgreSQL can be reached; a language that it does not have ends the process.</summary>
internal sealed class LanguageKeeper(
    SchemaGate gate, ContentLanguage contents, SearchLanguage language, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<LanguageKeeper> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await gate.Opened.WaitAsync(stoppingToken);
        while (true)
        {
            try
            {
                if (await contents.EnsureAsync(stoppingToken)) logger.LanguageChanged(language.Name);
                return;
            }
            catch (UnknownLanguageException exception)
            {
                logger.UnknownLanguage($"{SearchOptions.Section}:{nameof(SearchOptions.Language)}", exception.Message);
                Environment.ExitCode = 1;
                lifetime.StopApplication();
                return;
            }
            catch (Exception exception) when (StoreFailures.IsPostgresAway(exception))
            {
                await Task.Delay(Pause, time, stoppingToken);
            }
        }
    }
}
