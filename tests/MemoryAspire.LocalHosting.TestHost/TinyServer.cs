using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MemoryAspire.LocalHosting.TestHost;

/// <summary>Answers every request with 200 while the file named by WELL exists, and with 503 while it does not.</summary>
internal static class TinyServer
{
    public static async Task RunAsync(int port)
    {
        var well = Environment.GetEnvironmentVariable("WELL");
        using var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        while (true)
        {
            using var client = await listener.AcceptTcpClientAsync();
            await using var stream = client.GetStream();
            _ = await stream.ReadAsync(new byte[4096]);
            var status = well is null || File.Exists(well) ? "200 OK" : "503 Service Unavailable";
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
        }
    }
}
