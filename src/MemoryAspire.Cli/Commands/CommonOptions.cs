using System.CommandLine;
using MemoryAspire.Cli.Api;
using MemoryAspire.Cli.Output;

namespace MemoryAspire.Cli.Commands;

/// <summary>What every command takes, and how every command ends.</summary>
internal sealed class CommonOptions
{
    private readonly Option<string?> _url = new("--url") { Description = "Where the service is [default: MEMORY_URL, else http://127.0.0.1:5180, the port from MEMORY_API_PORT]", Recursive = true };
    private readonly Option<string?> _key = new("--key") { Description = "The API key [default: MEMORY_API_KEY, else the file api-key in MEMORY_DATA_DIR, else in ./.data]", Recursive = true };
    private readonly Option<bool> _json = new("--json") { Description = "Writes JSON for programs", Recursive = true };

    public void AddTo(Command root)
    {
        root.Options.Add(_url);
        root.Options.Add(_key);
        root.Options.Add(_json);
    }

    /// <summary>Makes a command connect, act, and turn what goes wrong into a message and an exit code.</summary>
    public void SetAction(
        Command command, Surroundings surroundings, Backoff backoff, Func<ParseResult, MemoryApi, Report, CancellationToken, Task<int>> act, TimeSpan? timeout = null) =>
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var report = new Report(surroundings, parsed.GetValue(_json));
            try
            {
                var connection = Connection.Find(parsed.GetValue(_url), parsed.GetValue(_key), surroundings);
                using var api = new MemoryApi(connection, backoff, surroundings.Clock, timeout);
                return await act(parsed, api, report, cancellationToken);
            }
            catch (UsageException exception)
            {
                report.Failure(exception.Message);
                return ExitCode.Usage;
            }
            catch (ApiException exception)
            {
                report.Failure(exception);
                return exception.Status is null ? ExitCode.Unreachable : ExitCode.Refused;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                report.Failure("Stopped.");
                return ExitCode.Cancelled;
            }
        });
}
