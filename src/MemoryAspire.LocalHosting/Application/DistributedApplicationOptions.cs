namespace Aspire.Hosting;

public sealed class DistributedApplicationOptions
{
    public string[]? Args { get; set; }

    /// <summary>The assembly of the application host, when that is not the one that was started.</summary>
    public string? AssemblyName { get; set; }

    /// <summary>There is none here.</summary>
    public bool DisableDashboard { get; set; }
}
