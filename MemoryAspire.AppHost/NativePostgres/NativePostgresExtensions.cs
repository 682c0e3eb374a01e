using MemoryAspire.AppHost.NativePrograms;
using MemoryAspire.AppHost.Stacks;
using MemoryAspire.AppHost.Supervision;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryAspire.AppHost.NativePostgres;

internal static class NativePostgresExtensions
{
    public static IResourceBuilder<NativePostgresResource> AddNativePostgres(
        this IDistributedApplicationBuilder builder, string name, IResourceBuilder<ParameterResource> password, Stack stack)
    {
        var user = UnprivilegedUser.Postgres;
        var directory = Path.Combine(stack.Directory, name);
        var cluster = new PostgresCluster(directory, user);
        if (!Directory.Exists(directory)) UnprivilegedUser.CreatePrivateDirectory(user, directory);
        var programs = PostgresPrograms.Find(cluster.Version);
        string[] command = [.. user?.Prefix ?? [], programs.Server];
        string[] arguments = [.. command[1..], "-D", cluster.Data, .. Settings];
        var server = new NativePostgresResource(name, command[0], directory, password.Resource);
        builder.Services.AddHealthChecks().Add(PostgresHealthCheck.Registration($"{name}_check", server, "postgres"));
        return stack.Mark(builder.AddResource(server)
            .WithEndpoint(port: FreePort.Next(), scheme: "tcp", name: NativePostgresResource.EndpointName, isProxied: false)
            .WithEndpoint(NativePostgresResource.EndpointName, endpoint => endpoint.TargetHost = "127.0.0.1")
            .WithArgs(arguments)
            .WithArgs(context =>
            {
                context.Args.Add("-c");
                context.Args.Add(ReferenceExpression.Create($"port={server.Endpoint.Property(EndpointProperty.TargetPort)}"));
            })
            .WithHealthCheck($"{name}_check")
            .ExcludeFromManifest()
            .OnBeforeResourceStarted((resource, started, cancellationToken) => started.OrEndStackAsync(async logger =>
                await cluster.PrepareAsync(programs, await password.Resource.GetValueAsync(cancellationToken) ?? "", logger, cancellationToken))));
    }

    public static IResourceBuilder<NativeDatabaseResource> AddNativeDatabase(this IResourceBuilder<NativePostgresResource> postgres, string name)
    {
        var builder = postgres.ApplicationBuilder;
        var database = new NativeDatabaseResource(name, postgres.Resource);
        builder.Services.AddHealthChecks().Add(PostgresHealthCheck.Registration($"{name}_check", postgres.Resource, name));
        postgres.OnResourceReady(async (server, ready, cancellationToken) =>
        {
            var logger = ready.Services.GetRequiredService<ResourceLoggerService>().GetLogger(server);
            await PostgresDatabase.CreateIfMissingAsync(server, name, logger, cancellationToken);
            await ready.Services.GetRequiredService<ResourceNotificationService>()
                .PublishUpdateAsync(database, snapshot => snapshot with { State = KnownResourceStates.Running });
        });
        return builder.AddResource(database).WithParentRelationship(postgres).WithHealthCheck($"{name}_check").ExcludeFromManifest();
    }

    /// <summary>Loopback alone, no socket in the file system, and everything that makes an acknowledged commit durable.</summary>
    private static string[] Settings { get; } =
    [
        "-c", "listen_addresses=127.0.0.1",
        "-c", "unix_socket_directories=",
        "-c", "fsync=on",
        "-c", "synchronous_commit=on",
        "-c", "full_page_writes=on",
        "-c", "max_connections=200",
        "-c", "shared_buffers=128MB",
        "-c", "max_wal_size=2GB",
        "-c", "password_encryption=scram-sha-256",
        "-c", "logging_collector=off",
        "-c", "log_destination=stderr",
        "-c", "log_checkpoints=off",
    ];
}
