using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Processes;

namespace Aspire.Hosting.Orchestration;

/// <summary>Resolves what was said about a resource into the process to start.</summary>
internal sealed class LaunchPlanner(IDistributedApplicationBuilder application)
{
    /// <summary>What a host run by the SDK or a test inherits and no service should.</summary>
    private static readonly string[] NotInherited =
        ["ASPNETCORE_URLS", "DOTNET_LAUNCH_PROFILE", "MSBuildSDKsPath", "MSBuildExtensionsPath", "MSBuildLoadMicrosoftTargetsReadOnly", "VSTEST_HOST_DEBUG"];

    public async Task<LaunchPlan> PlanAsync(IResource resource, CancellationToken cancellationToken)
    {
        var (command, workingDirectory, leading) = Program(resource);
        var arguments = new List<object>(leading);
        foreach (var annotation in resource.Annotations.OfType<CommandLineArgsCallbackAnnotation>())
            await annotation.Callback(new(arguments, resource, cancellationToken) { ExecutionContext = application.ExecutionContext });
        var words = new List<string>(arguments.Count);
        foreach (var argument in arguments) words.Add(await TextAsync(argument, cancellationToken));
        return new(command, words, workingDirectory, await EnvironmentAsync(resource, cancellationToken));
    }

    private static (string Command, string WorkingDirectory, string[] Leading) Program(IResource resource)
    {
        if (resource is ExecutableResource executable) return (executable.Command, executable.WorkingDirectory, []);
        var project = resource.Annotations.OfType<ILocalProjectMetadata>().Single();
        if (!File.Exists(project.TargetPath))
            throw new DistributedApplicationException($"The project '{project.ProjectPath}' has not been built: {project.TargetPath} is missing.");
        return (ProgramFinder.DotNet, Path.GetDirectoryName(project.ProjectPath)!, ["exec", project.TargetPath]);
    }

    private async Task<Dictionary<string, string>> EnvironmentAsync(IResource resource, CancellationToken cancellationToken)
    {
        var variables = new Dictionary<string, object>();
        foreach (System.Collections.DictionaryEntry inherited in Environment.GetEnvironmentVariables())
        {
            if (!NotInherited.Contains((string)inherited.Key)) variables[(string)inherited.Key] = inherited.Value as string ?? "";
        }

        if (resource is ProjectResource) AddProjectDefaults(resource, variables);
        foreach (var annotation in resource.Annotations.OfType<EnvironmentCallbackAnnotation>())
            await annotation.Callback(new(application.ExecutionContext, resource, variables, cancellationToken));
        var texts = new Dictionary<string, string>();
        foreach (var (name, value) in variables) texts[name] = await TextAsync(value, cancellationToken);
        return texts;
    }

    private void AddProjectDefaults(IResource resource, Dictionary<string, object> variables)
    {
        variables["DOTNET_ENVIRONMENT"] = variables["ASPNETCORE_ENVIRONMENT"] = application.Environment.EnvironmentName;
        variables["OTEL_SERVICE_NAME"] = resource.Name;
        variables["OTEL_RESOURCE_ATTRIBUTES"] = $"service.instance.id={resource.Name}-{Environment.ProcessId}";
        if (variables.ContainsKey("OTEL_EXPORTER_OTLP_ENDPOINT")) variables.TryAdd("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
    }

    private static async ValueTask<string> TextAsync(object value, CancellationToken cancellationToken) => value switch
    {
        string text => text,
        IResourceBuilder<IResource> { Resource: IValueProvider provider } => await provider.GetValueAsync(cancellationToken) ?? "",
        IValueProvider provider => await provider.GetValueAsync(cancellationToken) ?? "",
        IFormattable formattable => formattable.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}
