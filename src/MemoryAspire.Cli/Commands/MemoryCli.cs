using System.CommandLine;
using System.CommandLine.Invocation;

namespace MemoryAspire.Cli.Commands;

/// <summary>The command <c>memory</c>.</summary>
internal static class MemoryCli
{
    public static async Task<int> RunAsync(string[] args, Surroundings surroundings, CancellationToken cancellationToken = default)
    {
        var common = new CommonOptions();
        var root = new RootCommand("Stores, reads, finds and deletes the memories of agents.");
        common.AddTo(root);
        root.Subcommands.Add(AddCommand.Create(common, surroundings));
        root.Subcommands.Add(GetCommand.Create(common, surroundings));
        root.Subcommands.Add(SearchCommand.Create(common, surroundings));
        root.Subcommands.Add(DeleteCommand.Create(common, surroundings));
        root.Subcommands.Add(ImportCommand.Create(common, surroundings));
        root.Subcommands.Add(EvalCommand.Create(common, surroundings));
        root.Subcommands.Add(AdminCommand.Create(common, surroundings));

        var parsed = root.Parse(args);
        var configuration = new InvocationConfiguration { Output = surroundings.Out, Error = surroundings.Error };
        var code = await parsed.InvokeAsync(configuration, cancellationToken);
        return parsed.Action is ParseErrorAction ? ExitCode.Usage : code;
    }
}
