using MemoryAspire.AppHost.Stacks;

namespace MemoryAspire.AppHost.Commands;

/// <summary>The URI of a store, as psql and redis-cli take it.</summary>
internal static class ConnectionCommand
{
    public static int Run(string directory, string? store)
    {
        if (store is not ("postgres" or "redis"))
        {
            Console.Error.WriteLine("Name the store: --connection postgres, or --connection redis.");
            return 2;
        }

        var entry = DataDirectoryLock.RunningHost(directory) is null
            ? null
            : StackFile.Read(directory)?.Resources.FirstOrDefault(resource => resource.Name == store);
        // A container of Redis listens twice where there is a developer certificate, which redis-cli would not trust.
        if (entry?.Endpoints.FirstOrDefault(endpoint => !endpoint.StartsWith("rediss:", StringComparison.Ordinal)) is not { } address)
        {
            Console.Error.WriteLine($"{store} does not run on {directory}.");
            return 1;
        }

        var endpoint = new Uri(address);
        var password = Uri.EscapeDataString(new Secrets(directory).TryGet($"{store}-password") ?? "");
        Console.Out.WriteLine(store == "postgres"
            ? $"postgresql://postgres:{password}@{endpoint.Host}:{endpoint.Port}/memorydb"
            : $"redis://default:{password}@{endpoint.Host}:{endpoint.Port}");
        return 0;
    }
}
