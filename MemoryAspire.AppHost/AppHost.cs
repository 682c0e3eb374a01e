using MemoryAspire.AppHost.Commands;
using MemoryAspire.AppHost.NativePostgres;
using MemoryAspire.AppHost.NativeRedis;
using MemoryAspire.AppHost.Stacks;

StackProblem.ExplainUnhandled();
if (StackCommand.Handle(args) is { } answer) return answer;

var builder = DistributedApplication.CreateBuilder(args);
var stack = builder.AddStack();

// Secrets: given, or generated once and kept in the data directory.
var apiKey = stack.AddSecret("api-key");
var internalKey = stack.AddSecret("internal-key");
var postgresPassword = stack.AddSecret("postgres-password");
var redisPassword = stack.AddSecret("redis-password");

// The source of truth, and working memory: containers where an engine runs them, native programs otherwise.
IResourceBuilder<IResourceWithConnectionString> memorydb = stack.UsesContainers
    ? builder.AddPostgres("postgres", password: postgresPassword).WithDataVolume(stack.Volume("postgres"))
        // Where it is deployed nobody but the container itself makes the database.
        .WithEnvironment("POSTGRES_DB", "memorydb").AddDatabase("memorydb")
    : builder.AddNativePostgres("postgres", postgresPassword, stack).AddNativeDatabase("memorydb");

IResourceBuilder<IResourceWithConnectionString> redis = stack.UsesContainers
    ? builder.AddRedis("redis", password: redisPassword).WithDataVolume(stack.Volume("redis")).WithWorkingMemorySettings()
    : builder.AddNativeRedis("redis", redisPassword, stack);

// Semantic memory: built against the FAISS of this machine, or in its container where there is none.
var index = stack.IndexRunsInContainer
    ? Index(builder.AddDockerfile("memory-index", "..", "src/MemoryAspire.IndexService/Dockerfile")
        .WithHttpEndpoint(targetPort: 8080)
        // gRPC: a deployment's proxy that speaks HTTP/1.1 to it would break every call.
        .WithEndpoint("http", endpoint => endpoint.Transport = "http2")
        .WithVolume(stack.Volume("index"), "/data")
        .WithEnvironment("Index__Directory", "/data"))
    : Index(builder.AddProject<Projects.MemoryAspire_IndexService>("memory-index", launchProfileName: null)
        .WithHttpEndpoint()
        .WithEnvironment("Index__Directory", stack.DirectoryOf("index")));

var api = Service(builder.AddProject<Projects.MemoryAspire_Api>("memory-api", launchProfileName: null)
    .WithHttpEndpoint(port: stack.ApiPort, isProxied: stack.ApiPort is null)
    .WithEndpoint("http", endpoint => endpoint.TargetHost = "127.0.0.1")
    .WithExternalHttpEndpoints()
    .WithEnvironment("Api__Key", apiKey)
    .WithReference(memorydb).WaitFor(memorydb)
    .WithReference(redis).WaitFor(redis)
    .WithReference(index.GetEndpoint("http")).WaitFor(index));

Service(builder.AddProject<Projects.MemoryAspire_Reconciler>("reconciler", launchProfileName: null)
    .WithHttpEndpoint()
    .WithReference(memorydb).WaitFor(memorydb)
    .WithReference(redis).WaitFor(redis)
    .WithReference(index.GetEndpoint("http")));

stack.AnnounceWhenReady(api);
builder.Build().Run();
return Environment.ExitCode;

// What every service of ours has: its health, the key the services know each other by, and the name of its stack.
IResourceBuilder<T> Service<T>(IResourceBuilder<T> service)
    where T : IResourceWithEnvironment, IResourceWithEndpoints =>
    stack.Mark(service.WithHttpHealthCheck("/health").WithEnvironment("Internal__Key", internalKey));

IResourceBuilder<IResourceWithEndpoints> Index<T>(IResourceBuilder<T> service)
    where T : class, IResourceWithEnvironment, IResourceWithEndpoints, IResourceWithWaitSupport =>
    Service(service.WithReference(memorydb).WaitFor(memorydb));
