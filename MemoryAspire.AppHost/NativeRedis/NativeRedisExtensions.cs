using MemoryAspire.AppHost.NativePrograms;
using MemoryAspire.AppHost.Stacks;
using MemoryAspire.AppHost.Supervision;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MemoryAspire.AppHost.NativeRedis;

internal static class NativeRedisExtensions
{
    public static IResourceBuilder<NativeRedisResource> AddNativeRedis(
        this IDistributedApplicationBuilder builder, string name, IResourceBuilder<ParameterResource> password, Stack stack, bool standIn = false)
    {
        var user = UnprivilegedUser.Redis;
        var directory = Path.Combine(stack.Directory, name);
        var program = RedisProgram.Find(directory, user, standIn);
        if (program.IsStandIn) user = null;
        if (!Directory.Exists(directory)) UnprivilegedUser.CreatePrivateDirectory(user, directory);
        var server = new NativeRedisResource(name, program.Command, directory, password.Resource);
        var check = new RedisHealthCheck(server);
        // Given to the container by a factory, so that its connection is closed with the application.
        builder.Services.AddSingleton(_ => check);
        builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
            $"{name}_check", services => services.GetRequiredService<RedisHealthCheck>(), failureStatus: null, tags: null));
        return stack.Mark(builder.AddResource(server)
            .WithEndpoint(port: FreePort.Next(), scheme: "tcp", name: NativeRedisResource.EndpointName, isProxied: false)
            .WithEndpoint(NativeRedisResource.EndpointName, endpoint => endpoint.TargetHost = "127.0.0.1")
            .WithArgs(program.Arguments.ToArray())
            .WithArgs(context =>
            {
                context.Args.Add("--port");
                context.Args.Add(server.Endpoint.Property(EndpointProperty.TargetPort));
            })
            .WithEnvironment("REDIS_PASSWORD", password)
            .WithHealthCheck($"{name}_check")
            .ExcludeFromManifest()
            .OnBeforeResourceStarted((resource, started, cancellationToken) => started.OrEndStackAsync(async _ =>
                RedisSettings.Write(directory, await password.Resource.GetValueAsync(cancellationToken) ?? "", user))));
    }

    /// <summary>What working memory asks of a Redis container: its file appended to, and only what has a TTL evicted.</summary>
    public static IResourceBuilder<RedisResource> WithWorkingMemorySettings(this IResourceBuilder<RedisResource> redis) => redis.WithArgs(context =>
    {
        const string Settings = "--appendonly yes --appendfsync everysec --maxmemory-policy volatile-lru";
        // When publishing, the whole command is one word for the container's shell; when running, every argument is its own.
        if (context.Args is [.., string command] && command.StartsWith("redis-server ", StringComparison.Ordinal)) context.Args[^1] = $"{command} {Settings}";
        else foreach (var word in Settings.Split(' ')) context.Args.Add(word);
    });
}
