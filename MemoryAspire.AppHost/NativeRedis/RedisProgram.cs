using MemoryAspire.AppHost.NativePrograms;
using MemoryAspire.AppHost.Stacks;

namespace MemoryAspire.AppHost.NativeRedis;

/// <summary>What answers as Redis here: redis-server, or the stand-in that comes with this repository.</summary>
internal sealed record RedisProgram(string Command, IReadOnlyList<string> Arguments, bool IsStandIn)
{
    public static RedisProgram Find(string directory, UnprivilegedUser? user, bool standIn)
    {
        if (!standIn && Tool.OnPath("redis-server") is { } server)
        {
            string[] words = [.. user?.Prefix ?? [], server, RedisSettings.PathIn(directory)];
            return new(words[0], words[1..], IsStandIn: false);
        }

        return new(DotNet, ["exec", StandIn(), "--dir", directory], IsStandIn: true);
    }

    // Built beside this assembly's own project, in the same configuration.
    private static string StandIn()
    {
        var project = Path.GetDirectoryName(new Projects.MemoryAspire_LocalRedis().ProjectPath)!;
        var framework = new DirectoryInfo(AppContext.BaseDirectory);
        var path = Path.Combine(project, "bin", framework.Parent?.Name ?? "Debug", framework.Name, "MemoryAspire.LocalRedis.dll");
        return File.Exists(path)
            ? path
            : throw new StackProblem("Redis was not found. Install it (Debian, Ubuntu: apt-get install redis-server; macOS: brew install redis).");
    }

    private static string DotNet
    {
        get
        {
            // …/shared/Microsoft.NETCore.App/10.0.x/ lies three levels below the directory of the program.
            var runtime = new DirectoryInfo(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory());
            return Path.Combine(runtime.Parent?.Parent?.Parent?.FullName ?? "/usr/bin", "dotnet");
        }
    }
}
