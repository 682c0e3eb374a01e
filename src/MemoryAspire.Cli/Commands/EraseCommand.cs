using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json;
using MemoryAspire.Cli.Api;
using MemoryAspire.Cli.Output;

namespace MemoryAspire.Cli.Commands;

/// <summary>Erases one memory, or all of a scope, for good.</summary>
internal static class EraseCommand
{
    private static readonly TimeSpan Timeout = TimeSpan.FromHours(6);

    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    public static Command Create(CommonOptions common, Surroundings surroundings)
    {
        var id = new Argument<string?>("ID") { Description = "The memory's id; or name a scope instead", Arity = ArgumentArity.ZeroOrOne };
        var yes = new Option<bool>("--yes") { Description = "Erases without asking: what is erased cannot be brought back" };
        var command = new Command("erase", "Erases a memory, or all of a scope, from every tier and its files; waits until it is done.") { id, yes };
        var scope = new ScopeOptions();
        scope.AddTo(command);
        common.SetAction(
            command,
            surroundings,
            Backoff.Interactive,
            async (parsed, api, report, cancellationToken) =>
            {
                var path = Path(parsed.GetValue(id), scope, parsed);
                if (!parsed.GetValue(yes)) throw new UsageException("What is erased cannot be brought back: repeat the command with --yes.");
                var answer = await api.EraseAsync(path, $"erase-{RandomNumberGenerator.GetHexString(32, lowercase: true)}", cancellationToken);
                while (MemoryText.Text(answer.Body, "state") == "pending")
                {
                    report.Note($"Erasure {MemoryText.Text(answer.Body, "id")}: {string.Join(", ", Pending(answer.Body))} pending.");
                    await Task.Delay(Poll, surroundings.Clock, cancellationToken);
                    answer = await api.ErasureAsync(MemoryText.Text(answer.Body, "id"), cancellationToken);
                }

                if (report.IsJson) report.Json(answer.Body);
                else Show(answer.Body, report);
                return ExitCode.Done;
            },
            Timeout);
        return command;
    }

    private static string Path(string? id, ScopeOptions scope, ParseResult parsed)
    {
        var parts = scope.Scope(parsed);
        if (id is null == (parts is null)) throw new UsageException("Name either a memory's id, or a scope: --user, --agent or --session.");
        return id is not null
            ? $"v1/memories/{Uri.EscapeDataString(id)}?erase=true"
            : $"v1/memories?erase=true&{string.Join('&', parts!.Select(part => $"{part.Key}={Uri.EscapeDataString(part.Value!.ToString())}"))}";
    }

    private static IEnumerable<string> Pending(JsonElement receipt) =>
        receipt.GetProperty("tiers").EnumerateObject().Where(tier => MemoryText.Text(tier.Value, "state") == "pending").Select(tier => tier.Name);

    private static void Show(JsonElement receipt, Report report)
    {
        var postgres = receipt.GetProperty("tiers").GetProperty("postgres");
        var redis = receipt.GetProperty("tiers").GetProperty("redis");
        report.Line($"{MemoryText.Text(receipt, "erased")} memories erased, {MemoryText.Text(receipt, "deleted")} of them were still there.");
        report.Line($"postgres: {MemoryText.Text(postgres, "eventsRedacted")} events redacted, {MemoryText.Text(postgres, "vectorsRemoved")} vectors removed.");
        report.Line($"redis: {MemoryText.Text(redis, "valuesRemoved")} values were left; its files are written anew. index: its files are written anew.");
        report.Note(MemoryText.Text(receipt.GetProperty("remains"), "where"));
        report.Note(MemoryText.Text(receipt.GetProperty("remains"), "command"));
    }
}
