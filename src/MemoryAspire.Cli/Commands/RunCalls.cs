using System.Text.Json;
using System.Text.Json.Nodes;
using MemoryAspire.Cli.Api;
using MemoryAspire.Cli.Output;

namespace MemoryAspire.Cli.Commands;

/// <summary>Asks the service for a comparison of the tiers and watches it to its end.</summary>
internal static class RunCalls
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan CancelMax = TimeSpan.FromSeconds(5);

    public static async Task<JsonElement> RunAsync(JsonObject order, string title, MemoryApi api, Surroundings surroundings, CancellationToken cancellationToken)
    {
        var begun = await api.ReconcileAsync(JsonSerializer.SerializeToUtf8Bytes(order), cancellationToken);
        var id = begun.Body.GetProperty("id").GetString()!;
        JsonElement run = default;
        try
        {
            await RunProgress.ShowAsync(surroundings.Error, title, async show =>
            {
                while (true)
                {
                    run = (await api.GetReconciliationAsync(id, cancellationToken)).Body;
                    show(run.GetProperty("progress").GetDouble(), run.GetProperty("step").GetString());
                    if (run.GetProperty("state").GetString() != "running") return;
                    await Task.Delay(Poll, surroundings.Clock, cancellationToken);
                }
            });
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Nobody waits for it any more; it would otherwise go on to its end.
            using var bound = new CancellationTokenSource(CancelMax);
            await api.CancelReconciliationAsync(id, bound.Token);
            throw;
        }

        return run;
    }

    /// <summary>Says what came of it.</summary>
    public static int Tell(JsonElement run, Report report)
    {
        if (report.IsJson) report.Json(run);
        else RunText.Show(run, report);
        return RunText.IsClean(run) ? ExitCode.Done : ExitCode.Refused;
    }
}
