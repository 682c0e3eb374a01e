using System.Net;
using System.Net.Sockets;

namespace MemoryAspire.TestStores.Processes;

/// <summary>
/// Free ports below the range that systems hand out to outgoing connections: a server that was killed
/// finds its port still free when it comes back.
/// </summary>
internal static class LoopbackPort
{
    private const int First = 12000;
    private const int Last = 31000;
    private const int AttemptsMax = 200;

    public static int Free()
    {
        for (var attempt = 0; attempt < AttemptsMax; attempt++)
        {
            var port = Random.Shared.Next(First, Last);
            if (IsFree(port)) return port;
        }
        throw new InvalidOperationException($"No free port was found between {First} and {Last}.");
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
