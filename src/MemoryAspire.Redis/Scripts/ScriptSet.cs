using System.Reflection;

namespace MemoryAspire.Redis.Scripts;

/// <summary>
/// The scripts that change Redis: each runs atomically, and all its keys share one partition's slot. The driver sends a
/// script's hash, and its text again when Redis has forgotten it.
/// </summary>
internal sealed record ScriptSet(string Apply, string Fill, string Prepare, string Release, string Begin, string End)
{
    /// <summary>Those that are used. Tests also run others, in which a rule is missing.</summary>
    public static ScriptSet Shipped { get; } =
        new(Read("apply.lua"), Read("fill.lua"), Read("prepare.lua"), Read("release.lua"), Read("begin.lua"), Read("end.lua"));

    private static string Read(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The script {name} is not embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
