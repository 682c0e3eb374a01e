using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;

namespace MemoryAspire.EndToEnd.Tests;

/// <summary>Compares the tiers from outside.</summary>
internal static class Tiers
{
    public static async Task<bool> AreInStepAsync(HttpClient client, string postgres, CancellationToken cancellationToken)
    {
        try
        {
            var health = await client.GetFromJsonAsync<JsonElement>("/health", cancellationToken);
            return health.GetProperty("status").GetString() == "Healthy"
                && Data(health, "consistency", "redisBehind") == 0
                && Data(health, "consistency", "indexBehind") == 0
                && Data(health, "index", "memories") == await CountAsync(postgres, cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException or NpgsqlException or IOException)
        {
            // A part is still on its way back.
            return false;
        }
    }

    private static long Data(JsonElement health, string tier, string name) =>
        health.GetProperty("entries").GetProperty(tier).GetProperty("data").GetProperty(name).GetInt64();

    private static async Task<long> CountAsync(string postgres, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(postgres);
        await using var command = source.CreateCommand("select count(*) from memories");
        return (long)(await command.ExecuteScalarAsync(cancellationToken) ?? 0L);
    }
}
