using Microsoft.Extensions.Configuration;

namespace MemoryAspire.AppHost.NativePrograms;

internal static class ContainerEngine
{
    /// <summary>Whether containers can be run: the setting says so, or an engine answers. A client without an engine behind it does not count.</summary>
    public static bool IsUsable(IConfiguration configuration) =>
        bool.TryParse(configuration["Hosting:Containers"], out var said) ? said : Answers("docker") || Answers("podman");

    private static bool Answers(string client) => Tool.OnPath(client) is { } path && Tool.Run(path, "info").ExitCode == 0;
}
