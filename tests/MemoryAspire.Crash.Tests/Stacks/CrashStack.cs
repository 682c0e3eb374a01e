using System.Globalization;
using MemoryAspire.Crash.Tests.Tiers;
using MemoryAspire.TestServices;
using StackExchange.Redis;

namespace MemoryAspire.Crash.Tests.Stacks;

/// <summary>One stack for all crashes; the API is started anew for each, with the order to kill.</summary>
public sealed class CrashStack : IAsyncLifetime
{
    private static readonly string[] Orders = ["CRASH_AT", "CRASH_COUNT", "CRASH_PID"];

    private ConnectionMultiplexer _redis = null!;

    internal DocumentedTable<CrashCell, CrashRow> Table { get; } = CrashTable.Open();

    internal ServiceStack Services { get; private set; } = null!;

    internal ThreeTiers Tiers { get; private set; } = null!;

    internal HttpClient Client { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Services = await ServiceStack.StartAsync(new() { Fsync = false }, [], TestContext.Current.CancellationToken);
        _redis = await ConnectionMultiplexer.ConnectAsync(Services.Redis.ConnectionString);
        Tiers = new ThreeTiers(Services, _redis);
        Client = Services.NewClient();
        Services.Api.Settings["DOTNET_STARTUP_HOOKS"] = Path.Combine(AppContext.BaseDirectory, "MemoryAspire.Crash.Hook.dll");
    }

    /// <summary>Starts the API with the order to kill the victim when it takes a step for the n-th time.</summary>
    internal async Task ArmAsync(CrashCell cell, int count)
    {
        Services.Api.Settings["CRASH_AT"] = cell.Step;
        Services.Api.Settings["CRASH_COUNT"] = count.ToString(CultureInfo.InvariantCulture);
        Services.Api.Settings["CRASH_PID"] = cell.Victim switch
        {
            Victim.Api => "self",
            Victim.Postgres => Id(Services.Postgres.ProcessId),
            Victim.Redis => Id(Services.Redis.ProcessId),
            _ => Id(Services.Index.ProcessId),
        };
        await StartApiAsync();
        await Services.WaitUntilHealthyAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Starts what was killed, and returns when all tiers are healthy and in step.</summary>
    internal async Task RecoverAsync(string victim)
    {
        foreach (var order in Orders) Services.Api.Settings.Remove(order);
        await (victim switch
        {
            Victim.Api => StartApiAsync(),
            Victim.Postgres => Services.Postgres.RestartAsync(),
            Victim.Redis => Services.Redis.RestartAsync(),
            _ => Services.Index.StartAsync(),
        });
        await Services.WaitUntilHealthyAsync(TestContext.Current.CancellationToken);
        await Tiers.WaitUntilInStepAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Table.Publish();
        Client?.Dispose();
        Tiers?.Dispose();
        if (_redis is not null) await _redis.DisposeAsync();
        if (Services is not null) await Services.DisposeAsync();
    }

    /// <summary>The port stays, but not what was connected to it.</summary>
    private async Task StartApiAsync()
    {
        await Services.Api.StartAsync();
        Client.Dispose();
        Client = Services.NewClient();
    }

    private static string Id(int process) => process.ToString(CultureInfo.InvariantCulture);
}
