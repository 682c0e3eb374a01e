using Aspire.Hosting.Testing;

namespace MemoryAspire.LocalHosting.Tests;

public sealed class EnvironmentTests : TestApplication
{
    [Fact]
    public async Task References_and_parameters_become_environment_variables()
    {
        var password = Builder.AddParameter("password", "{secret}", secret: true);
        var store = Builder.AddResource(new Store("store", password.Resource)).WithEndpoint(scheme: "tcp", name: "tcp");
        var server = AddServer("server");
        AddShell("client", "env > client.new; mv client.new client; sleep 60")
            .WithReference(store)
            .WithReference(store, "other")
            .WithReference(server.GetEndpoint("http"))
            .WithEnvironment("Key", password)
            .WithEnvironment("Url", $"see {server.GetEndpoint("http")}");
        await using var application = Builder.Build();
        await application.StartAsync(Patience);

        var variables = (await TextOfAsync("client")).Split('\n');
        var url = application.GetEndpoint("server").ToString().TrimEnd('/');
        Assert.Contains($"services__server__http__0={url}", variables);
        Assert.Contains($"Url=see {url}", variables);
        Assert.Contains("Key={secret}", variables);
        var connectionString = await application.GetConnectionStringAsync("store", Patience);
        Assert.Matches(@"^Host=127\.0\.0\.1:\d+;Password=\{secret\}$", connectionString);
        Assert.Contains($"ConnectionStrings__store={connectionString}", variables);
        Assert.Contains($"ConnectionStrings__other={connectionString}", variables);
    }

    [Fact]
    public async Task A_project_is_told_where_to_listen_and_what_it_is_called()
    {
        Builder.AddProject<TestProject>("project").WithHttpEndpoint(env: "PORT").WithArgs("serve");
        await using var application = Builder.Build();
        await application.StartAsync(Patience);
        var running = await application.ResourceNotifications.WaitForResourceAsync("project", e => e.Snapshot.State?.Text == KnownResourceStates.Running, Patience);

        var variables = await VariablesAsync(running);
        Assert.Contains($"ASPNETCORE_URLS={application.GetEndpoint("project").ToString().TrimEnd('/')}", variables);
        Assert.Contains("OTEL_SERVICE_NAME=project", variables);
        Assert.Contains($"DOTNET_ENVIRONMENT={Builder.Environment.EnvironmentName}", variables);
        Assert.Contains($"ASPNETCORE_ENVIRONMENT={Builder.Environment.EnvironmentName}", variables);
    }

    [Fact]
    public async Task The_address_of_a_resource_with_a_dash_reaches_the_program()
    {
        var server = AddServer("dashed-server");
        Builder.AddProject<TestProject>("project").WithHttpEndpoint(env: "PORT").WithArgs("serve").WithReference(server.GetEndpoint("http"));
        await using var application = Builder.Build();
        await application.StartAsync(Patience);
        var running = await application.ResourceNotifications.WaitForResourceAsync("project", e => e.Snapshot.State?.Text == KnownResourceStates.Running, Patience);

        var expected = $"services__dashed-server__http__0={application.GetEndpoint("dashed-server").ToString().TrimEnd('/')}";
        Assert.Contains(expected, await VariablesAsync(running));
    }

    // A shell becomes env, and env the program: until then the process has other variables, and in the middle of an exec none.
    private static async Task<string[]> VariablesAsync(ResourceEvent running)
    {
        var pid = running.Snapshot.Properties.Single(property => property.Name == "executable.pid").Value;
        var variables = "";
        await Poll.UntilAsync(
            () => Path.GetFileName(File.ReadAllText($"/proc/{pid}/cmdline").Split('\0')[0]) == "dotnet"
                && (variables = File.ReadAllText($"/proc/{pid}/environ")).Length > 0,
            "the program runs");
        return variables.Split('\0');
    }

    private sealed class Store(string name, ParameterResource password)
        : ExecutableResource(name, "/bin/sleep", "/"), IResourceWithConnectionString
    {
        public ReferenceExpression ConnectionStringExpression =>
            ReferenceExpression.Create($"Host={new EndpointReference(this, "tcp").Property(EndpointProperty.HostAndPort)};Password={password}");
    }

    private sealed class TestProject : ILocalProjectMetadata
    {
        public string ProjectPath => TestHostAssembly;

        public string TargetPath => TestHostAssembly;
    }
}
