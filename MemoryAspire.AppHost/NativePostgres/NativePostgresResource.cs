namespace MemoryAspire.AppHost.NativePostgres;

/// <summary>A PostgreSQL server that is a program of this machine.</summary>
internal sealed class NativePostgresResource(string name, string command, string workingDirectory, ParameterResource password)
    : ExecutableResource(name, command, workingDirectory), IResourceWithConnectionString
{
    public const string EndpointName = "tcp";

    public EndpointReference Endpoint => new(this, EndpointName);

    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create(
        $"Host=127.0.0.1;Port={Endpoint.Property(EndpointProperty.Port)};Username=postgres;Password={password}");
}

/// <summary>One database of it. It runs when the server runs and the database has been created.</summary>
internal sealed class NativeDatabaseResource(string name, NativePostgresResource server) : Resource(name), IResourceWithConnectionString
{
    public NativePostgresResource Server { get; } = server;

    public ReferenceExpression ConnectionStringExpression =>
        ReferenceExpression.Create($"{Server.ConnectionStringExpression};Database={Name}");
}
