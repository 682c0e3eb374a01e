namespace Aspire.Hosting.Processes;

internal static class ProgramFinder
{
    /// <summary>The dotnet that runs this process, whether it is on the PATH or not.</summary>
    public static string DotNet { get; } = FindDotNet();

    public static string? OnPath(string program)
    {
        if (program.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal)) return File.Exists(program) ? program : null;
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(directory => Path.Combine(directory, program)).FirstOrDefault(File.Exists);
    }

    private static string FindDotNet()
    {
        // …/shared/Microsoft.NETCore.App/10.0.x/ lies three levels below the directory of the program.
        var runtime = new DirectoryInfo(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory());
        var beside = Path.Combine(runtime.Parent?.Parent?.Parent?.FullName ?? "/", "dotnet");
        return File.Exists(beside) ? beside : "dotnet";
    }
}
