namespace MemoryAspire.TestServices;

/// <summary>Where a service was built: beside this program, in the same configuration.</summary>
internal static class ServicePrograms
{
    private static readonly string[] Folders = ["src", "bench"];

    public static string Of(string project)
    {
        // <root>/<group>/<this project>/bin/<configuration>/<framework>/
        var output = new DirectoryInfo(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        var configuration = output.Parent!;
        var root = configuration.Parent!.Parent!.Parent!.Parent!;
        return Folders.Select(folder => Path.Combine(root.FullName, folder, project, "bin", configuration.Name, output.Name, project + ".dll")).FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException($"{project} has not been built.", project + ".dll");
    }
}
