using System.Text.Json.Nodes;
using MemoryAspire.Cli.Commands;

namespace MemoryAspire.Cli.Tests;

/// <summary>What one command did.</summary>
internal sealed record Ran(int Code, string Out, string Error)
{
    public JsonNode Json => JsonNode.Parse(Out)!;
}

/// <summary>Runs commands in a directory of their own, with an environment of their own.</summary>
internal sealed class Shell : IDisposable
{
    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("memory-cli-").FullName;

    public Dictionary<string, string> Variables { get; } = [];

    public static Shell For(LoopbackApi api) => new() { Variables = { ["MEMORY_URL"] = api.Url, ["MEMORY_API_KEY"] = LoopbackApi.ApiKey } };

    public Task<Ran> RunAsync(params string[] args) => RunAsync(TestContext.Current.CancellationToken, args);

    public async Task<Ran> RunAsync(CancellationToken cancellationToken, params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await MemoryCli.RunAsync(args, new(output, error, Variables.GetValueOrDefault, Directory, TimeProvider.System), cancellationToken);
        return new(code, output.ToString(), error.ToString());
    }

    public string Write(string name, string content)
    {
        var path = Path.Combine(Directory, name);
        File.WriteAllText(path, content);
        return path;
    }

    public void Dispose() => System.IO.Directory.Delete(Directory, recursive: true);
}
