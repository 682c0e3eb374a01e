namespace Aspire.Hosting.ApplicationModel;

/// <summary>An address at which a resource listens. The port is chosen when the application starts, unless it is given.</summary>
public sealed class EndpointAnnotation(string name, string? uriScheme = null, int? port = null, int? targetPort = null) : IResourceAnnotation
{
    private volatile AllocatedEndpoint? allocated;

    public string Name { get; set; } = name;

    public string UriScheme { get; set; } = uriScheme ?? "tcp";

    public int? Port { get; set; } = port;

    public int? TargetPort { get; set; } = targetPort;

    public string TargetHost { get; set; } = "localhost";

    public string Transport { get; set; } = "http";

    public bool IsExternal { get; set; }

    public bool IsProxied { get; set; } = true;

    public AllocatedEndpoint? AllocatedEndpoint
    {
        get => allocated;
        set => allocated = value;
    }
}

public sealed class AllocatedEndpoint(EndpointAnnotation endpoint, string address, int port)
{
    public EndpointAnnotation Endpoint { get; } = endpoint;

    public string Address { get; } = address;

    public int Port { get; } = port;

    public string UriScheme => Endpoint.UriScheme;

    public string UriString => $"{UriScheme}://{Address}:{Port}";

    public override string ToString() => UriString;
}
