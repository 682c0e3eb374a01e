using StackExchange.Redis;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Information);
await using var redis = await ConnectionMultiplexer.ConnectAsync(builder.Configuration.GetConnectionString("redis") ?? throw new InvalidOperationException("Set ConnectionStrings:redis."));
await using var app = builder.Build();
app.MapGet("/{key}", async (string key) =>
    (byte[]?)await redis.GetDatabase().StringGetAsync(key) is { } value ? Results.Bytes(value, "application/json; charset=utf-8") : Results.NotFound());
await app.RunAsync();
