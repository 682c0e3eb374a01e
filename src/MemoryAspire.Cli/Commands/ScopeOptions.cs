using System.CommandLine;
using System.Text.Json.Nodes;

namespace MemoryAspire.Cli.Commands;

/// <summary>Whose memory.</summary>
internal sealed class ScopeOptions
{
    private readonly Option<string?> _user = new("--user", "-u") { Description = "The user it belongs to" };
    private readonly Option<string?> _agent = new("--agent") { Description = "The agent it belongs to" };
    private readonly Option<string?> _session = new("--session") { Description = "The session it belongs to" };

    public void AddTo(Command command)
    {
        command.Options.Add(_user);
        command.Options.Add(_agent);
        command.Options.Add(_session);
    }

    /// <summary>Null when no part is given.</summary>
    public JsonObject? Scope(ParseResult parsed)
    {
        var scope = new JsonObject();
        foreach (var (name, option) in new[] { ("user", _user), ("agent", _agent), ("session", _session) })
        {
            if (parsed.GetValue(option) is { } value) scope[name] = value;
        }

        return scope.Count > 0 ? scope : null;
    }
}
