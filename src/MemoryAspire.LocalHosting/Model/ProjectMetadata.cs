using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public interface IResourceWithServiceDiscovery : IResourceWithEndpoints;

/// <summary>What a generated <c>Projects.*</c> type says about its project.</summary>
public interface IProjectMetadata : IResourceAnnotation
{
    string ProjectPath { get; }
}

/// <summary>The same, with the assembly that the build made of the project.</summary>
public interface ILocalProjectMetadata : IProjectMetadata
{
    string TargetPath { get; }
}
