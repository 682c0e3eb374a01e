using System.Diagnostics;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace MemoryAspire.AppHost.NativePrograms;

/// <summary>
/// Loopback ports that are free now, below the range from which the system takes the ports of outgoing connections: a store that
/// restarts must find its port free again.
/// </summary>
internal static class FreePort
{
    private static readonly Lock Gate = new();
    private static readonly HashSet<int> Taken = [];
    private static readonly Random Choice = new(HashCode.Combine(Environment.ProcessId, Stopwatch.GetTimestamp()));

    public static int Next()
    {
        lock (Gate)
        {
            for (var attempt = 0; attempt < 1_000; attempt++)
            {
                var port = Choice.Next(15_000, 32_000);
                if (IsFree(port) && Taken.Add(port)) return port;
            }
        }

        throw new Stacks.StackProblem("No free port was found on the loopback address.");
    }

    public static bool IsFree(int port)
    {
        if (IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Any(listener => listener.Port == port)) return false;
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
