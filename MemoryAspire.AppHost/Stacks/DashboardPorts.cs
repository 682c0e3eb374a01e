using MemoryAspire.AppHost.NativePrograms;
using Microsoft.Extensions.Configuration;

namespace MemoryAspire.AppHost.Stacks;

/// <summary>The launch profile names one set of ports for the Aspire dashboard; a second stack beside the first takes others.</summary>
internal static class DashboardPorts
{
    private static readonly string[] Settings = ["ASPNETCORE_URLS", "ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"];

    public static void Free(IConfiguration configuration)
    {
        foreach (var setting in Settings)
        {
            if (Uri.TryCreate(configuration[setting], UriKind.Absolute, out var address) && !FreePort.IsFree(address.Port))
                configuration[setting] = new UriBuilder(address) { Port = FreePort.Next() }.Uri.GetLeftPart(UriPartial.Authority);
        }
    }
}
