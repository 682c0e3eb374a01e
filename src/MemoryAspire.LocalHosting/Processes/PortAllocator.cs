using System.Diagnostics;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Aspire.Hosting.Processes;

/// <summary>
/// Chooses loopback ports that are free now and stay out of the way: below the range from which the system takes the ports of
/// outgoing connections, so that a resource finds its port free again when it restarts.
/// </summary>
internal sealed class PortAllocator
{
    private const int PortMin = 15_000;
    private const int PortMax = 32_000;

    private readonly HashSet<int> taken = [];
    private readonly Random random = new(HashCode.Combine(Environment.ProcessId, Stopwatch.GetTimestamp()));

    public int Next()
    {
        for (var attempt = 0; attempt < 1_000; attempt++)
        {
            var port = random.Next(PortMin, PortMax);
            if (IsFree(port) && taken.Add(port)) return port;
        }

        throw new DistributedApplicationException($"No free port was found between {PortMin} and {PortMax}.");
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
