using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace MemoryAspire.ServiceDefaults.Http;

/// <summary>Where a service listens, and what it says of itself there.</summary>
internal static class ListeningExtensions
{
    /// <summary>
    /// Without any configured address a service takes a free port on loopback (Kestrel logs which): several run side by
    /// side on one machine, and nothing is open to the network that nobody opened.
    /// </summary>
    private const string Loopback = "http://127.0.0.1:0";

    private static readonly string[] AddressSettings = ["urls", "http_ports", "https_ports"];

    public static void AddListening(this IHostApplicationBuilder builder)
    {
        builder.Services.Configure<KestrelServerOptions>(kestrel => kestrel.AddServerHeader = false);
        if (!HasAddress(builder.Configuration)) builder.Configuration["urls"] = Loopback;
    }

    private static bool HasAddress(IConfiguration configuration) =>
        AddressSettings.Any(setting => !string.IsNullOrWhiteSpace(configuration[setting]))
        || configuration.GetSection("Kestrel:Endpoints").GetChildren().Any();
}
