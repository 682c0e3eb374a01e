using System.Reflection;

namespace MemoryAspire.Redis.Scripts;

/// <summary>The scripts that change Redis: each runs atomically, and all its keys share one partition's slot.</summary>
internal static class Script
{
    public static string Apply { get; } = Read("apply.lua");

    public static string Fill { get; } = Read("fill.lua");

    public static string Prepare { get; } = Read("prepare.lua");

    public static string Release { get; } = Read("release.lua");

    public static string Begin { get; } = Read("begin.lua");

    public static string End { get; } = Read("end.lua");

    public static string SessionPut { get; } = Read("session-put.lua");

    public static string SessionGet { get; } = Read("session-get.lua");

    public static string SessionAppend { get; } = Read("session-append.lua");

    public static string SessionDelete { get; } = Read("session-delete.lua");

    public static string SessionClaim { get; } = Read("session-claim.lua");

    public static string SessionExpired { get; } = Read("session-expired.lua");

    public static string SessionRetire { get; } = Read("session-retire.lua");

    public static string Remove { get; } = Read("remove.lua");

    public static string Limit { get; } = Read("limit.lua");

    private static string Read(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The script {name} is not embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
