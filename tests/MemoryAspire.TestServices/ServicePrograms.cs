namespace MemoryAspire.TestServices;

/// <summary>Where a service was built: beside this program, in the same configuration.</summary>
internal static class ServicePrograms
{
    public static string Of(string project)
    {
        // <root>/<group>/<this project>/bin/<configuration>/<framework>/
        var output = new DirectoryInfo(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        var configuration = output.Parent!;
        var root = configuration.Parent!.Parent!.Parent!.Parent!;
        var program = Path.Combine(root.FullName, "src", project, "bin", configuration.Name, output.Name, project + ".dll");
        return File.Exists(program) ? program : throw new FileNotFoundException($"{project} has not been built.", program);
    }
}
