using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace MemoryAspire.ServiceDefaults.Tests;

/// <summary>A service with nothing but the defaults and what a test adds, served by Kestrel on loopback.</summary>
internal sealed class RunningService : IAsyncDisposable
{
    private RunningService(WebApplication app) => App = app;

    public WebApplication App { get; }

    public Uri Address => new(App.Urls.First());

    public IServiceProvider Services => App.Services;

    public static async Task<RunningService> StartAsync(
        Action<WebApplicationBuilder>? configure = null, Action<WebApplication>? map = null, params (string Key, string Value)[] settings)
    {
        var app = Build(configure, map, settings);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new RunningService(app);
    }

    public static WebApplication Build(
        Action<WebApplicationBuilder>? configure, Action<WebApplication>? map, params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        builder.AddServiceDefaults();
        configure?.Invoke(builder);
        var app = builder.Build();
        app.MapDefaultEndpoints();
        map?.Invoke(app);
        return app;
    }

    public HttpClient Client() => new() { BaseAddress = Address };

    public ValueTask DisposeAsync() => App.DisposeAsync();
}
