using MemoryAspire.AppHost.NativePrograms;
using MemoryAspire.AppHost.Stacks;

namespace MemoryAspire.AppHost.NativeRedis;

/// <summary>The configuration file of the Redis server. The password is in it, and not on the command line that every user can read.</summary>
internal static class RedisSettings
{
    public static string PathIn(string directory) => Path.Combine(directory, "redis.conf");

    public static void Write(string directory, string password, UnprivilegedUser? user)
    {
        AtomicFile.Write(PathIn(directory), $"""
            bind 127.0.0.1
            protected-mode yes
            requirepass {password}
            dir {directory}
            appendonly yes
            appendfsync everysec
            save ""
            maxmemory 512mb
            maxmemory-policy volatile-lru
            daemonize no
            logfile ""

            """, secret: true);
        UnprivilegedUser.GiveTo(user, PathIn(directory));
    }
}
