namespace MemoryAspire.Redis.Scripts;

/// <summary>The scripts that change memories and control keys; tests also run others, in which a rule is missing.</summary>
internal sealed record ScriptSet(string Apply, string Fill, string Begin, string End)
{
    public static ScriptSet Shipped { get; } = new(Script.Apply, Script.Fill, Script.Begin, Script.End);
}
